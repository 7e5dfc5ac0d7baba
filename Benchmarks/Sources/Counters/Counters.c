#define _GNU_SOURCE
#include "Counters.h"

#include <dlfcn.h>
#include <stddef.h>

// Definitions in the program come before those of shared libraries, so no preloading is needed. One thread runs, so plain counters do.
static struct Counters counters;

struct Counters counters_now(void) { return counters; }

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  counters.allocations++;
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  counters.allocations++;
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  counters.allocations++;
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  counters.allocations++;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  counters.allocations++;
  *block = __libc_memalign(alignment, size);
  return *block == NULL ? 12 : 0;
}

static void *next(const char *name, void **known) {
  if (*known == NULL) *known = dlsym(RTLD_NEXT, name);
  return *known;
}

#define FORWARD_OBJECT(NAME, COUNTER)                                 \
  void *NAME(void *object) {                                          \
    static void *known;                                               \
    counters.COUNTER++;                                               \
    return ((void *(*)(void *))next(#NAME, &known))(object);          \
  }

#define FORWARD_RELEASE(NAME)                                         \
  void NAME(void *object) {                                           \
    static void *known;                                               \
    counters.releases++;                                              \
    ((void (*)(void *))next(#NAME, &known))(object);                  \
  }

FORWARD_OBJECT(swift_retain, retains)
FORWARD_OBJECT(swift_bridgeObjectRetain, retains)
FORWARD_RELEASE(swift_release)
FORWARD_RELEASE(swift_bridgeObjectRelease)

void swift_beginAccess(void *pointer, void *buffer, size_t flags, void *pc) {
  static void *known;
  counters.accesses++;
  ((void (*)(void *, void *, size_t, void *))next("swift_beginAccess", &known))(pointer, buffer, flags, pc);
}
