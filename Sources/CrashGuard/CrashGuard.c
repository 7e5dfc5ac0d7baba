#define _GNU_SOURCE
#include "CrashGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

// A Swift trap is SIGILL on x86 and SIGTRAP on arm64; the rest are C's ways to die.
static const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE};
static const int endings[] = {SIGTERM, SIGHUP, SIGQUIT};
static const int wakings[] = {SIGWINCH, SIGINT, SIGTSTP, SIGCONT};
enum { crash_count = 6, ending_count = 3, waking_count = 4, undo_size = 512, stack_size = 64 * 1024 };

static struct {
  bool open;
  int terminal;
  struct termios modes;
  char undo[undo_size];
  size_t undo_length;
  int wake[2];
  int held;        // memory file that stands in for standard error, or -1
  int true_error;  // what standard error was, or -1
  struct sigaction crash_before[crash_count];
  struct sigaction ending_before[ending_count];
  struct sigaction waking_before[waking_count];
  stack_t stack_before;
} guard = {.wake = {-1, -1}, .held = -1, .true_error = -1};

// What the handlers read. Lock-free: handlers may run on any thread at any instruction.
static volatile sig_atomic_t armed;
static volatile sig_atomic_t lent;
static volatile sig_atomic_t interrupts_waiting;

static void write_all(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t count = write(descriptor, bytes, length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes += count;
    length -= (size_t)count;
  }
}

static void release_error(void) {
  if (guard.held < 0) return;
  dup2(guard.true_error, STDERR_FILENO);
  char buffer[1024];
  off_t offset = 0;
  for (;;) {
    ssize_t count = pread(guard.held, buffer, sizeof buffer, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    write_all(STDERR_FILENO, buffer, (size_t)count);
    offset += count;
  }
  // Both fail only for a descriptor that is not a file, and then there is nothing to be done.
  if (ftruncate(guard.held, 0) == 0) (void)lseek(guard.held, 0, SEEK_SET);
}

// Everything here is async-signal-safe.
static void restore(void) {
  if (!armed) return;
  armed = 0;
  write_all(guard.terminal, guard.undo, guard.undo_length);
  // A background process that sets modes is stopped by SIGTTOU unless it blocks it.
  sigset_t output, before;
  sigemptyset(&output);
  sigaddset(&output, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &output, &before);
  tcsetattr(guard.terminal, TCSANOW, &guard.modes);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  release_error();
}

static void die_by(int number) {
  struct sigaction fallback = {.sa_handler = SIG_DFL};
  sigaction(number, &fallback, NULL);
  // Blocked while its handler runs, so it arrives when the handler returns.
  raise(number);
}

static void crashed(int number, siginfo_t *info, void *context) {
  restore();
  for (int i = 0; i < crash_count; i++) {
    if (crashes[i] != number) continue;
    const struct sigaction *before = &guard.crash_before[i];
    if (before->sa_flags & SA_SIGINFO) {
      if (before->sa_sigaction) before->sa_sigaction(number, info, context);
    } else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
      before->sa_handler(number);
    }
  }
  die_by(number);
}

static void ended(int number) {
  restore();
  die_by(number);
}

static void woken(int number) {
  int error = errno;
  if (number == SIGINT) {
    if (lent) return;
    // The first is a keystroke. If nobody has collected it by the second, the program hangs.
    if (interrupts_waiting) {
      restore();
      die_by(number);
      errno = error;
      return;
    }
    interrupts_waiting = 1;
  }
  char byte = (char)number;
  // The pipe does not block: when it is full, its reader has enough to wake up for.
  if (write(guard.wake[1], &byte, 1) < 0) errno = error;
  errno = error;
}

int crash_guard_open(int terminal) {
  if (guard.open) return 0;
  if (tcgetattr(terminal, &guard.modes) != 0) return errno;
  if (pipe2(guard.wake, O_CLOEXEC | O_NONBLOCK) != 0) return errno;
  guard.terminal = fcntl(terminal, F_DUPFD_CLOEXEC, 3);
  if (guard.terminal < 0) return errno;
  // A redirected standard error is the user's wish; only one that would scribble on the screen is held.
  if (isatty(STDERR_FILENO)) {
    guard.true_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    guard.held = memfd_create("ioascope-stderr", MFD_CLOEXEC);
    if (guard.true_error < 0 || guard.held < 0) guard.held = -1;
  }
  guard.open = true;
  return 0;
}

void crash_guard_set_undo(const char *bytes, size_t length) {
  guard.undo_length = length < undo_size ? length : undo_size;
  for (size_t i = 0; i < guard.undo_length; i++) guard.undo[i] = bytes[i];
}

void crash_guard_arm(void) {
  if (!guard.open || armed) return;
  lent = 0;
  interrupts_waiting = 0;
  if (guard.held >= 0) dup2(guard.held, STDERR_FILENO);

  // A stack overflow leaves no stack to handle it on.
  static char stack[stack_size];
  if (sigaltstack(NULL, &guard.stack_before) == 0 && (guard.stack_before.ss_flags & SS_DISABLE)) {
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&own, NULL);
  }

  armed = 1;
  struct sigaction crash = {.sa_sigaction = crashed, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  struct sigaction end = {.sa_handler = ended, .sa_flags = SA_RESTART};
  // Without SA_RESTART on purpose: a `poll` that waits for a key must notice.
  struct sigaction wake = {.sa_handler = woken};
  for (int i = 0; i < crash_count; i++) sigaction(crashes[i], &crash, &guard.crash_before[i]);
  for (int i = 0; i < ending_count; i++) sigaction(endings[i], &end, &guard.ending_before[i]);
  for (int i = 0; i < waking_count; i++) sigaction(wakings[i], &wake, &guard.waking_before[i]);
}

static void put_handlers_back(void) {
  for (int i = 0; i < crash_count; i++) sigaction(crashes[i], &guard.crash_before[i], NULL);
  for (int i = 0; i < ending_count; i++) sigaction(endings[i], &guard.ending_before[i], NULL);
  for (int i = 0; i < waking_count; i++) sigaction(wakings[i], &guard.waking_before[i], NULL);
}

void crash_guard_disarm(void) {
  if (armed) {
    armed = 0;
    put_handlers_back();
    release_error();
  } else if (lent) {
    lent = 0;
    sigaction(SIGINT, &guard.waking_before[1], NULL);
  }
}

void crash_guard_lend(void) {
  crash_guard_disarm();
  // Handlers, unlike ignored signals, do not pass on to a program that we start.
  lent = 1;
  struct sigaction wake = {.sa_handler = woken, .sa_flags = SA_RESTART};
  sigaction(SIGINT, &wake, &guard.waking_before[1]);
}

int crash_guard_wake_descriptor(void) { return guard.wake[0]; }

int crash_guard_take_signal(void) {
  char byte = 0;
  if (guard.wake[0] < 0 || read(guard.wake[0], &byte, 1) != 1) return 0;
  if (byte == SIGINT) interrupts_waiting = 0;
  return byte;
}

void crash_guard_stop(void) { raise(SIGTSTP); }

void crash_guard_hang_up(void) {
  restore();
  die_by(SIGHUP);
  _exit(128 + SIGHUP);
}
