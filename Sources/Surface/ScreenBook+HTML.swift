extension ScreenBook {
  /// The book as one page for a browser: nothing is fetched from anywhere. The same screens and theme give the same bytes.
  ///
  /// Space plays, the arrows and the slider step, `[` and `]` go from mark to mark, digits to a tenth of the whole.
  ///
  /// - Parameters:
  ///   - title: the page's heading.
  ///   - start: the number of the screen to begin with.
  public func html(title: String, start: Int = 0) -> String {
    let page = theme.style(of: .background).background ?? Color(red: 255, green: 255, blue: 255)
    let isDark = page.luma < 128
    let ink =
      theme.style(of: .text).foreground
      ?? (isDark ? Color(red: 255, green: 255, blue: 255) : Color(red: 0, green: 0, blue: 0))
    var style = [
      "html{color-scheme:\(isDark ? "dark" : "light")}",
      "body{margin:1em;background:\(page.hex);color:\(ink.hex);font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:14px}",
      "h1{font-size:1.1em;margin:0 0 .5em}",
      "#screen{margin:0;line-height:1.25;width:\(size.width)ch;font-family:inherit;overflow:hidden}",
      "#screen i{font-style:normal;white-space:pre}",
      "#bar{display:flex;gap:.6em;align-items:center;width:\(size.width)ch;margin:.6em 0;flex-wrap:wrap}",
      "#bar button,#bar select{font:inherit}",
      "#seek{flex:1;min-width:12em}",
      "#marks{margin:.3em 0;min-height:1.3em}",
    ]
    for (number, look) in looks.enumerated() {
      var front = look.foreground ?? ink
      var back = look.background ?? page
      if look.emphasis.contains(.reverse) { swap(&front, &back) }
      var rule = "color:\(front.hex)"
      if back != page { rule += ";background:\(back.hex)" }
      if look.emphasis.contains(.bold) { rule += ";font-weight:bold" }
      if look.emphasis.contains(.italic) { rule += ";font-style:italic" }
      if look.emphasis.contains(.underline) { rule += ";text-decoration:underline" }
      style.append("#screen i.s\(number){\(rule)}")
    }
    let first = max(0, min(start, pages.count - 1))
    // Without scripts the page shows its first screen.
    let shown = pages.isEmpty ? "" : pages[first].rows.map { Self.html(rows[$0]) }.joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
      <title>\(HTMLText.escaped(title))</title>
      <style>
      \(style.joined(separator: "\n"))
      </style>
      </head>
      <body>
      <h1>\(HTMLText.escaped(title))</h1>
      <pre id="screen" role="img" aria-label="the screen at this step">\(shown)</pre>
      <div id="bar">
      <button id="first" title="to the start (home)">|&lt;</button>
      <button id="back" title="one step back (left)">&lt;</button>
      <button id="play" title="play and pause (space)">play</button>
      <button id="forth" title="one step forward (right)">&gt;</button>
      <button id="last" title="to the end (end)">&gt;|</button>
      <input id="seek" type="range" min="0" max="\(max(0, pages.count - 1))" value="\(first)" aria-label="step">
      <select id="speed" aria-label="speed"><option value="0.5">0.5x</option><option value="1" selected>1x</option><option value="2">2x</option><option value="4">4x</option><option value="16">16x</option></select>
      <output id="label">\(HTMLText.escaped(pages.isEmpty ? "" : pages[first].label))</output>
      </div>
      <div id="marks"></div>
      <script>
      'use strict';
      const rows=[\(rows.map(Self.script).joined(separator: ",\n"))];
      const pages=[\(pages.map(Self.script).joined(separator: ",\n"))];
      \(Self.player)
      show(\(first));
      </script>
      </body>
      </html>

      """
  }

  private static func html(_ row: [Run]) -> String {
    row.map { "<i class=s\($0.look)>\(HTMLText.escaped($0.text))</i>" }.joined()
  }

  private static func script(_ row: [Run]) -> String {
    "[\(row.map { "\($0.look),\(HTMLText.quoted($0.text))" }.joined(separator: ","))]"
  }

  private static func script(_ page: Page) -> String {
    let rows = page.rows.map(String.init).joined(separator: ",")
    let marks = page.marks.map(HTMLText.quoted).joined(separator: ",")
    return "[[\(rows)],\(HTMLText.quoted(page.label)),[\(marks)],\(page.milliseconds)]"
  }

  private static let player = """
    const at=id=>document.getElementById(id);
    let here=0,timer=null;
    function show(n){
    here=Math.max(0,Math.min(pages.length-1,n));
    const page=pages[here];
    if(!page)return;
    const screen=document.createDocumentFragment();
    page[0].forEach((r,y)=>{
    if(y)screen.append('\\n');
    const row=rows[r];
    for(let n=0;n<row.length;n+=2){const run=document.createElement('i');run.className='s'+row[n];run.textContent=row[n+1];screen.append(run);}
    });
    at('screen').replaceChildren(screen);
    at('label').textContent=page[1]+' of '+(pages.length-1);
    at('marks').textContent=page[2].join(' | ');
    at('seek').value=here;
    document.body.dataset.here=here;
    }
    function stop(){if(timer!==null)clearTimeout(timer);timer=null;at('play').textContent='play';document.body.dataset.playing='no';}
    function wait(){timer=setTimeout(()=>{if(here+1>=pages.length){stop();return;}show(here+1);wait();},Math.max(16,pages[here][3]/Number(at('speed').value)));}
    function play(){if(timer!==null){stop();return;}if(here+1>=pages.length)show(0);at('play').textContent='pause';document.body.dataset.playing='yes';wait();}
    function go(n){stop();show(n);}
    function mark(by){for(let n=here+by;n>=0&&n<pages.length;n+=by)if(pages[n][2].length){go(n);return;}}
    at('first').onclick=()=>go(0);at('last').onclick=()=>go(pages.length-1);
    at('back').onclick=()=>go(here-1);at('forth').onclick=()=>go(here+1);
    at('play').onclick=play;at('seek').oninput=e=>go(Number(e.target.value));
    document.addEventListener('keydown',e=>{
    if(e.ctrlKey||e.altKey||e.metaKey||e.target.tagName==='SELECT')return;
    const tenth=Math.max(1,Math.round(pages.length/10));
    if(e.key===' ')play();
    else if(e.key==='ArrowRight')go(here+(e.shiftKey?tenth:1));
    else if(e.key==='ArrowLeft')go(here-(e.shiftKey?tenth:1));
    else if(e.key==='.')go(here+1);
    else if(e.key===',')go(here-1);
    else if(e.key==='Home')go(0);
    else if(e.key==='End')go(pages.length-1);
    else if(e.key===']')mark(1);
    else if(e.key==='[')mark(-1);
    else if(e.key>='0'&&e.key<='9')go(Math.round((pages.length-1)*Number(e.key)/10));
    else return;
    e.preventDefault();
    });
    stop();
    """
}
