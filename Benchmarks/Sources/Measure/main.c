// Runs commands in turn, round after round, and prints for each the median of its times and the peak of its resident memory.
//
//   Measure ROUNDS SECONDS -- NAME COMMAND [ARGUMENT…] [-- NAME COMMAND [ARGUMENT…]]…
//
// One line a command, fields separated by tabs: name, median, least and greatest time in milliseconds, peak memory in KiB, exit status.
// A first round is not counted: it brings programs and files into memory. Input, output and errors of the commands go to /dev/null.
// A command that takes longer than SECONDS is ended; its status is then 124.
//
// In C, since what the kernel calls the peak of a child begins with that of its parent: this one takes next to nothing.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { mostCommands = 32, mostRounds = 101 };

struct command {
  const char *name;
  char **words;
  double times[mostRounds];
  long peak;
  int status;
};

static void fail(const char *what, int status) {
  fprintf(stderr, "Measure: %s\n", what);
  exit(status);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/// Runs a command once. Returns its time in milliseconds.
static double run(struct command *command, double seconds, posix_spawn_file_actions_t *actions, const sigset_t *child) {
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&attributes, &none);
  pid_t process;
  double start = now();
  int code = posix_spawnp(&process, command->words[0], actions, &attributes, command->words, environ);
  posix_spawnattr_destroy(&attributes);
  if (code != 0) {
    fprintf(stderr, "Measure: %s: %s\n", command->words[0], strerror(code));
    exit(69);
  }
  double deadline = start + seconds * 1e3;
  int status = 0, isLate = 0;
  struct rusage usage;
  for (;;) {
    pid_t ended = wait4(process, &status, isLate ? 0 : WNOHANG, &usage);
    if (ended == process) break;
    if (ended < 0 && errno != EINTR) fail(strerror(errno), 71);
    double left = deadline - now();
    if (left <= 0) {
      kill(process, SIGKILL);
      isLate = 1;
      continue;
    }
    struct timespec wait = {(time_t)(left / 1e3), (long)(left * 1e6) % 1000000000};
    sigtimedwait(child, NULL, &wait);
  }
  double took = now() - start;
  if (usage.ru_maxrss > command->peak) command->peak = usage.ru_maxrss;
  int result = isLate ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (result > command->status) command->status = result;
  return took;
}

int main(int count, char **words) {
  static struct command commands[mostCommands];
  if (count < 6) fail("usage: Measure ROUNDS SECONDS -- NAME COMMAND [ARGUMENT…] [-- …]", 64);
  int rounds = atoi(words[1]);
  double seconds = atof(words[2]);
  if (rounds < 1 || rounds > mostRounds || seconds <= 0) fail("1 to 101 rounds, and some seconds", 64);
  int number = 0;
  for (int index = 3; index < count;) {
    // Here stands a "--".
    if (strcmp(words[index], "--") != 0 || index + 2 >= count || number == mostCommands) fail("after '--': a name and a command", 64);
    commands[number].name = words[index + 1];
    commands[number].words = words + index + 2;
    number++;
    index += 2;
    while (index < count && strcmp(words[index], "--") != 0) index++;
    if (commands[number - 1].words == words + index) fail("a name without a command", 64);
  }
  for (int index = 3; index < count; index++) {
    if (strcmp(words[index], "--") == 0) words[index] = NULL;
  }

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  // Blocked, so that it can be waited for.
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);

  for (int round = -1; round < rounds; round++) {
    for (int index = 0; index < number; index++) {
      double took = run(&commands[index], seconds, &actions, &child);
      if (round >= 0) commands[index].times[round] = took;
    }
  }
  for (int index = 0; index < number; index++) {
    struct command *command = &commands[index];
    qsort(command->times, (size_t)rounds, sizeof(double), compare);
    double middle = rounds % 2 ? command->times[rounds / 2] : (command->times[rounds / 2 - 1] + command->times[rounds / 2]) / 2;
    printf("%s\t%.3f\t%.3f\t%.3f\t%ld\t%d\n", command->name, middle, command->times[0], command->times[rounds - 1], command->peak, command->status);
  }
  return 0;
}
