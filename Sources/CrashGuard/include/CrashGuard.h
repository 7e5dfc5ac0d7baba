/// Puts the terminal back when the process dies, and turns job-control signals into bytes that a
/// `poll` loop can wait for. It is C because a signal handler may not run Swift.
///
/// One process has one terminal, so this is one set of functions over one hidden state. Call them from
/// one thread; the handlers may run on any.

#ifndef IOASCOPE_CRASH_GUARD_H
#define IOASCOPE_CRASH_GUARD_H

#include <stddef.h>

/// Saves the modes of `terminal`, opens the wake pipe and, when standard error is a terminal, a memory
/// file to hold what is written to it meanwhile. Call before anything changes the terminal; later calls
/// change nothing. Gives 0, or an `errno`.
int crash_guard_open(int terminal);

/// Copies the bytes that undo everything that was written to the terminal. Bytes past 512 are dropped.
void crash_guard_set_undo(const char *bytes, size_t length);

/// The screen is ours from now: handlers in place, standard error held back.
void crash_guard_arm(void);

/// The screen is the user's again: handlers of before, standard error released and what it held written.
/// Does not touch the terminal's modes; `endwin` has done so.
void crash_guard_disarm(void);

/// Like `disarm`, but while another program runs in our terminal: an interrupt ends that program, not us.
void crash_guard_lend(void);

/// The read end of the wake pipe: one byte, a signal number, for each SIGWINCH, SIGINT, SIGTSTP and SIGCONT.
int crash_guard_wake_descriptor(void);

/// Takes one byte from the wake pipe: a signal number, or 0 when there is none.
int crash_guard_take_signal(void);

/// Stops the process as ^Z does, and gives back control after SIGCONT. Call while disarmed.
void crash_guard_stop(void);

/// Ends the process as a hang-up does, the terminal restored. For a terminal that has gone away.
void crash_guard_hang_up(void) __attribute__((noreturn));

#endif
