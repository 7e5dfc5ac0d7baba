/// What Swift needs of ncursesw and cannot import: variadic functions, function-like macros,
/// mutable globals, and terminfo strings with their padding removed.
///
/// Every function here is `static inline`, so that the module stays a system library
/// without an object file of its own.

#ifndef IOASCOPE_CNCURSES_SHIM_H
#define IOASCOPE_CNCURSES_SHIM_H

#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif

#include <curses.h>
#include <term.h>

#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

// MARK: - Starting

/// Takes the character classification of the user's locale, and nothing else of it:
/// numbers and messages stay the same everywhere.
static inline void ioa_take_locale(void) { setlocale(LC_CTYPE, ""); }

/// Whether the locale's character set is UTF-8. Only meaningful after `ioa_take_locale`.
static inline bool ioa_locale_is_utf8(void) {
  const char *codeset = nl_langinfo(CODESET);
  return codeset && (strcmp(codeset, "UTF-8") == 0 || strcmp(codeset, "utf8") == 0);
}

/// `newterm` on standard input and output, with the terminal type from `TERM`.
/// Gives null when terminfo does not know the type.
static inline SCREEN *ioa_newterm(void) { return newterm(NULL, stdout, stdin); }

/// The standard window, a mutable global in C.
static inline WINDOW *ioa_stdscr(void) { return stdscr; }

/// How many colours the terminal has; 0 before `start_color`.
static inline int ioa_colors(void) { return COLORS; }

/// Whether terminfo says that a colour number is an RGB value.
static inline bool ioa_has_direct_color(void) {
  return tigetflag((char *)"RGB") > 0 || tigetnum((char *)"RGB") > 0;
}

// MARK: - Drawing

// POSIX has it in <wchar.h>, but only for those who ask for XSI before the first header.
int wcwidth(wchar_t character);

/// The columns that the C library gives to a character, or -1 when it would draw nothing.
static inline int ioa_columns(wchar_t character) { return wcwidth(character); }

enum ioa_emphasis {
  IOA_BOLD = 1,
  IOA_UNDERLINE = 2,
  IOA_REVERSE = 4,
  IOA_ITALIC = 8,
};

/// Puts one character cell at a place of the standard window.
///
/// `text` is a null-terminated base character with its combining marks, at most CCHARW_MAX wide characters.
/// `emphasis` is a set of `ioa_emphasis`; `pair` is an extended colour pair.
static inline void ioa_put(int y, int x, const wchar_t *text, unsigned emphasis, int pair) {
  attr_t attributes = A_NORMAL;
  if (emphasis & IOA_BOLD) attributes |= A_BOLD;
  if (emphasis & IOA_UNDERLINE) attributes |= A_UNDERLINE;
  if (emphasis & IOA_REVERSE) attributes |= A_REVERSE;
#ifdef A_ITALIC
  if (emphasis & IOA_ITALIC) attributes |= A_ITALIC;
#endif
  cchar_t cell;
  // The extended pair goes in by the last argument; the short one is then ignored.
  if (setcchar(&cell, text, attributes, 0, &pair) == OK) {
    // Writing the last cell of the last row gives ERR and still draws it.
    (void)mvwadd_wch(stdscr, y, x, &cell);
  }
}

// MARK: - Reading

enum ioa_read_result {
  IOA_READ_NOTHING,
  IOA_READ_CHARACTER,
  IOA_READ_KEY,
};

/// Reads one character or function key from the standard window without waiting.
static inline enum ioa_read_result ioa_read(unsigned *value) {
  wint_t code = 0;
  int result = wget_wch(stdscr, &code);
  *value = (unsigned)code;
  if (result == ERR) return IOA_READ_NOTHING;
  return result == KEY_CODE_YES ? IOA_READ_KEY : IOA_READ_CHARACTER;
}

/// The key code of function key `number`.
static inline unsigned ioa_function_key(int number) { return (unsigned)KEY_F(number); }

// MARK: - The mouse

// ncurses' own decoder guesses clicks from what arrives in one read and then drops presses and releases that it
// was not asked to join. So the driver asks for the mouse itself and reads the reports as characters.

#define IOA_MOUSE_ON "\033[?1002h\033[?1006h"
#define IOA_MOUSE_OFF "\033[?1006l\033[?1002l"

/// Whether terminfo knows of a mouse.
static inline bool ioa_has_mouse(void) {
  const char *text = tigetstr((char *)"kmous");
  return text != NULL && text != (const char *)-1;
}

/// Makes ncurses leave mouse reports alone.
static inline void ioa_keep_mouse_reports(void) { keyok(KEY_MOUSE, FALSE); }

/// Switches reports on or off: presses, releases, drags and the wheel, in the SGR form.
static inline void ioa_mouse(bool on) {
  putp(on ? IOA_MOUSE_ON : IOA_MOUSE_OFF);
  fflush(stdout);
}

// MARK: - Pasting

// Marks around text that is pasted (bracketed paste), so that it is not taken for keys.
#define IOA_PASTE_ON "\033[?2004h"
#define IOA_PASTE_OFF "\033[?2004l"

/// Switches the marks on or off.
static inline void ioa_paste(bool on) {
  putp(on ? IOA_PASTE_ON : IOA_PASTE_OFF);
  fflush(stdout);
}

// MARK: - Undoing

/// Appends terminfo string `name` to `buffer`, without `$<…>` padding, which only `tputs` could honour.
static inline size_t ioa_append_capability(char *buffer, size_t used, size_t size, const char *name) {
  const char *text = tigetstr((char *)name);
  if (text == NULL || text == (const char *)-1) return used;
  while (*text != '\0' && used < size) {
    if (text[0] == '$' && text[1] == '<') {
      const char *end = strchr(text, '>');
      if (end != NULL) { text = end + 1; continue; }
    }
    buffer[used++] = *text++;
  }
  return used;
}

/// Fills `buffer` with what puts the terminal back: attributes, colours, cursor, keypad, mouse, marks around pasted text, alternate
/// screen.
/// Gives the number of bytes. Call after `newterm`.
static inline size_t ioa_undo_bytes(char *buffer, size_t size, bool mouse, bool paste) {
  size_t used = 0;
  used = ioa_append_capability(buffer, used, size, "sgr0");
  used = ioa_append_capability(buffer, used, size, "op");
  used = ioa_append_capability(buffer, used, size, "cnorm");
  used = ioa_append_capability(buffer, used, size, "rmkx");
  if (mouse) {
    static const char off[] = IOA_MOUSE_OFF;
    for (size_t i = 0; i + 1 < sizeof off && used < size; i++) buffer[used++] = off[i];
  }
  if (paste) {
    static const char off[] = IOA_PASTE_OFF;
    for (size_t i = 0; i + 1 < sizeof off && used < size; i++) buffer[used++] = off[i];
  }
  size_t before = used;
  used = ioa_append_capability(buffer, used, size, "rmcup");
  if (used == before && used + 2 <= size) {
    // No alternate screen: at least leave the cursor on a line of its own.
    buffer[used++] = '\r';
    buffer[used++] = '\n';
  }
  return used;
}

#endif
