import Scene
public import Surface

/// The screen that a state shows.
///
/// - Parameters:
///   - state: what to show.
///   - size: columns and rows; any size gives a surface of that size.
public func view(_ state: AppState, size: Size) -> Surface {
  var surface = Surface(size: size, glyphs: state.glyphs)
  let layout = ScreenLayout(state, size: size)
  guard !layout.isTooSmall else {
    TooSmallPage.draw(on: &surface)
    return surface
  }
  Header.draw(state, on: &surface, in: layout.header)
  if let banner = layout.banner { Banner.draw(state, on: &surface, in: banner) }
  PanelFrames.draw(layout, on: &surface)
  for slot in layout.slots {
    var area = slot.rect.split(top: 1).rest
    if slot.front == .graph {
      let (objects, line) = FreedLine.split(area, state)
      area = objects
      if let line { FreedLine.draw(state, on: &surface, in: line) }
    }
    if slot.front == .graph, let board = CardBoard.fitting(state, size: area.size) {
      PanelFrames.heading(slot, caption: PanelContent.objectCount(state), state, on: &surface)
      board.draw(state, on: &surface, in: area)
    } else {
      let content = PanelContent(slot.front, state, size: area.size)
      PanelFrames.heading(slot, caption: content.caption, state, on: &surface)
      content.draw(on: &surface, in: area)
    }
  }
  MessageLine.draw(state, on: &surface, in: layout.message)
  let context: KeyBinding.Context = state.overlay != nil ? .overlay : state.player != nil ? .player : .screen
  Footer.draw(context, state.keys, on: &surface, in: layout.footer)
  if let overlay = state.overlay { overlay.draw(state, on: &surface, over: layout) }
  return surface
}
