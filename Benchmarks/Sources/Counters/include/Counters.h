#ifndef COUNTERS_H
#define COUNTERS_H

/// How often the program has called what a step must not call. Only calls of the program itself are seen, not those that the
/// Swift runtime makes within itself; it makes none without one of these, malloc apart, of which all calls are seen.
struct Counters {
  unsigned long allocations;
  unsigned long retains;
  unsigned long releases;
  unsigned long accesses;
};

struct Counters counters_now(void);

#endif
