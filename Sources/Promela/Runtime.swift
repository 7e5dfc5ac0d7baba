/// The machine's own part of an exported model: the heap, counts, containers, locks, queues, and what is looked at after a step, in C.
///
/// It says in C what `Sources/Machine` says in Swift, word for word where states are concerned, so that both searches come to the same states and hold
/// each other to account. What a kernel function does is not in here; that is written from the compiled program.
enum Runtime {
  static let text = #"""
    extern void (*uerror)(char *);
    extern void (*Uerror)(char *);
    extern int readtrail;

    static int me, choice, passed, stop, outcome, fuel, fatal;
    static cell *th, *st, *f;
    static word t[TEMPORARIES], arg[ARGUMENTS], opd[OPERANDS], by, whose, by2, whose2;
    static cell monitor[TSIZE];
    static char found[PROPERTIES], before[CLASSES + 1][CLASSES + 1], marks[HEAPSIZE];
    static int list[HEAPSIZE + THREADS + 2];

    static void wrong(int property) {
      if (ends[property]) fatal = 1;
      if (!found[property]) { found[property] = 1; uerror(names[property]); }
    }
    static cell fit(word value) {
      if ((cell)value != value) Uerror("a number needs more than 32 bits: export with --wide");
      return (cell)value;
    }
    static cell header(int type, int size, int serial, int alive) {
      if (serial > 1023) Uerror("more than 1023 objects of one type");
      return type | size << 8 | serial << 20 | alive << 30;
    }

    /* What a thread has looked at since its last action; it looks again when it takes its next step. */
    static cell rides[RIDES], old_rides[RIDES];
    static int ride_count, old_count;
    static void ride(word o, int pc) {
      int i;
      if (o == 1 || me >= THREADS) return;
      for (i = 0; i < ride_count; i++) if ((rides[i] & 4095) == o) return;
      if (ride_count == RIDES) Uerror("one step looks at too many objects without an action");
      rides[ride_count++] = (cell)o | pc << 12;
    }
    static void keep_rides(void) {
      int i;
      for (i = 0; i < ride_count; i++) st[th[SP] + i] = rides[i];
      th[RIDECOUNT] = ride_count;
    }
    static int dead_ride(cell *w) {
      int i;
      for (i = 0; i < w[RIDECOUNT]; i++) if (!ALIVE(H(w[STACK + w[SP] + i] & 4095))) return 1;
      return 0;
    }
    static int take_up_rides(void) {
      int i, dead = dead_ride(th);
      old_count = th[RIDECOUNT];
      for (i = 0; i < old_count; i++) { old_rides[i] = st[th[SP] + i]; st[th[SP] + i] = 0; }
      th[RIDECOUNT] = 0;
      return !dead;
    }
    static void put_back_rides(void) {
      int i;
      for (i = 0; i < old_count; i++) st[th[SP] + i] = old_rides[i];
      th[RIDECOUNT] = old_count;
    }

    static int is_a(word o, int base) { return isa[TYPE(H(o)) * TYPES + base]; }
    static int usable(word o) {
      if (o > 0 && o < HEND && ALIVE(H(o))) return 1;
      if (o <= 0 || o >= HEND) { wrong(null_dereference); return 0; }
      wrong(use_after_free);
      return TYPE(H(o)) != FREE;
    }

    static int lowest_serial(int type) {
      int i, lowest = 65;
      for (;;) {
        unsigned long long taken = 0;
        for (i = 1; i < HEND; i += SIZE(H(i))) {
          int distance = SERIAL(H(i)) - lowest;
          if (TYPE(H(i)) == type && distance >= 0 && distance < 64) taken |= 1ULL << distance;
        }
        if (~taken) return lowest + __builtin_ctzll(~taken);
        lowest += 64;
      }
    }
    static int allocate(int type) {
      int size = tsize[type], end = HEND, named = type > GLOBALS, place = -1, i = 1, serial = 0;
      unsigned long long taken = 0;
      while (i < end) {
        cell h = H(i);
        if (TYPE(h) == FREE) {
          if (place < 0 && SIZE(h) >= size) { place = i; if (!named) break; }
        } else if (named && TYPE(h) == type && SERIAL(h) <= 64) taken |= 1ULL << (SERIAL(h) - 1);
        i += SIZE(h);
      }
      if (named) serial = ~taken ? __builtin_ctzll(~taken) + 1 : lowest_serial(type);
      if (place >= 0) {
        int gap = SIZE(H(place));
        if (gap > size) H(place + size) = header(FREE, gap - size, 0, 0);
        H(place) = header(type, size, serial, 1);
        return place;
      }
      if (end + size >= HEAPSIZE) Uerror("the heap is too small: export with a larger --heap");
      H(end) = header(type, size, serial, 1);
      HEND = end + size;
      return end;
    }
    static int make_cell(word key, word second, word value) {
      int c = allocate(CELL);
      H(c + 2) = fit(key); H(c + 3) = fit(second); H(c + 4) = fit(value);
      return c;
    }
    static int join(int one, int two) {
      int size = SIZE(H(one)) + SIZE(H(two));
      if (TYPE(H(one)) != FREE) return 0;
      H(two) = 0;
      H(one) = header(FREE, size, 0, 0);
      return 1;
    }
    static void give_back(int block) {
      int size = SIZE(H(block)), end = HEND, i, gap = block, previous = 0, next;
      for (i = 0; i < size; i++) H(block + i) = 0;
      H(block) = header(FREE, size, 0, 0);
      for (i = 1; i < block; i += SIZE(H(i))) previous = i;
      if (previous > 0 && join(previous, gap)) gap = previous;
      next = gap + SIZE(H(gap));
      if (next < end && TYPE(H(next)) == FREE) join(gap, next);
      if (gap + SIZE(H(gap)) == end) { H(gap) = 0; end = gap; }
      HEND = end;
    }
    static int free_object(word o) {
      int i, held;
      if (o <= 0 || o >= HEND) { wrong(null_dereference); return 0; }
      if (!ALIVE(H(o))) { wrong(double_free); return 1; }
      for (i = fstart[TYPE(H(o))]; i < fstart[TYPE(H(o)) + 1]; i++) {
        int p = o + foffset[i];
        held = fkind[i] == LOCK ? H(p) != 0 : fkind[i] == SEMAPHORE ? H(p) != 0 || H(p + 1) != 0 : fkind[i] == XARRAY ? H(p + 1) != 0 : 0;
        if (held) wrong(lock_imbalance);
      }
      H(o) &= ~(1 << 30);
      TOMBSTONES += 1;
      return 1;
    }

    static void reach(word o, int only, int *pending) {
      if (o <= 0 || o >= HEND || marks[o] || (only && ALIVE(H(o)))) return;
      marks[o] = 1;
      list[(*pending)++] = o;
    }
    static void reach_fields(int o, int only, int *pending) {
      int i, c;
      cell h = H(o);
      for (i = fstart[TYPE(h)]; i < fstart[TYPE(h) + 1]; i++) {
        int p = o + foffset[i];
        switch (fkind[i]) {
        case REFERENCE: reach(H(p), only, pending); break;
        case XARRAY: case CHAIN: for (c = H(p); c; c = H(c + 1)) reach(H(c + 4), only, pending); break;
        case COUNT:
          if (ALIVE(h)) for (c = H(p + 1); c; c = H(c + 1)) if (H(c + 3) > 0 && !ALIVE(H(H(c + 3)))) reach(H(c + 3), only, pending);
          break;
        default: break;
        }
      }
    }
    static void mark_from_roots(int living) {
      int pending = 0, n, i, c, k;
      for (n = 0; n < THREADS; n++) {
        cell *w = &T(n);
        for (c = w[TASKWORK]; c; c = H(c + 1)) reach(H(c + 4), living, &pending);
        for (i = 0; i < w[RIDECOUNT]; i++) reach(w[STACK + w[SP] + i] & 4095, living, &pending);
        if (w[PC] == IDLE) continue;
        for (i = w[FP];; i = w[STACK + i + 1]) {
          int function = w[STACK + i + 3];
          for (k = rstart[function]; k < rstart[function + 1]; k++) reach(w[STACK + i + 4 + rlocal[k]], living, &pending);
          if (i == 0) break;
        }
      }
      if (living) {
        for (i = 1; i < HEND; i += SIZE(H(i))) if (ALIVE(H(i)) && TYPE(H(i)) >= GLOBALS) reach_fields(i, living, &pending);
      } else reach_fields(1, living, &pending);
      while (pending > 0) { pending--; reach_fields(list[pending], living, &pending); }
    }
    static void sweep(void) {
      int i, k, c, next, dropped = 0;
      mark_from_roots(1);
      for (i = 1; i < HEND; i += SIZE(H(i))) {
        if (marks[i]) marks[i] = 0;
        else if (!ALIVE(H(i)) && TYPE(H(i)) > GLOBALS) list[dropped++] = i;
      }
      for (k = 0; k < dropped; k++) {
        int o = list[k];
        for (i = fstart[TYPE(H(o))]; i < fstart[TYPE(H(o)) + 1]; i++) {
          int p = o + foffset[i] + (fkind[i] == COUNT);
          if (fkind[i] != XARRAY && fkind[i] != CHAIN && fkind[i] != COUNT) continue;
          c = H(p);
          H(p) = 0;
          for (; c; c = next) { next = H(c + 1); give_back(c); }
        }
        give_back(o);
        TOMBSTONES -= 1;
      }
    }
    static void check_leaks(void) {
      int i, leaked = 0;
      mark_from_roots(0);
      for (i = 1; i < HEND; i += SIZE(H(i))) {
        if (marks[i]) marks[i] = 0;
        else if (ALIVE(H(i)) && TYPE(H(i)) > GLOBALS) leaked = 1;
      }
      if (leaked) wrong(leak);
    }

    static void add_unit(int head, word number) {
      int link = head, u;
      while (H(link)) {
        u = H(link);
        if (H(u + 2) == by && H(u + 3) == whose) { H(u + 4) = fit(H(u + 4) + number); return; }
        if (H(u + 2) > by || (H(u + 2) == by && H(u + 3) > whose)) break;
        link = u + 1;
      }
      u = allocate(UNIT);
      H(u + 1) = H(link); H(u + 2) = fit(by); H(u + 3) = fit(whose); H(u + 4) = fit(number);
      H(link) = u;
    }
    static void remove_unit(int head) {
      int link = head, hit = -1, u;
      while (H(link)) {
        u = H(link);
        if (H(u + 2) == by && H(u + 3) == whose) { hit = link; break; }
        link = u + 1;
      }
      if (hit < 0) { wrong(refcount_underflow); if (!H(head)) return; hit = head; }
      u = H(hit);
      H(u + 4) -= 1;
      if (!H(u + 4)) { H(hit) = H(u + 1); give_back(u); }
    }
    static word count_of(word o, int offset, int operation, word amount) {
      int p = o + offset;
      word old = H(p);
      switch (operation) {
      case SET:
        if (amount < 0) wrong(refcount_underflow);
        for (int u = H(p + 1); u; u = H(u + 1)) if (H(u + 3) < 0) wrong(leak);
        H(p) = fit(amount);
        while (H(p + 1)) { int u = H(p + 1); H(p + 1) = H(u + 1); give_back(u); }
        if (amount > 0) add_unit(p + 1, amount);
        return 0;
      case INCREMENT: if (!old) wrong(refcount_resurrect);
      case COUNT_UP: H(p) = fit(old + 1); add_unit(p + 1, 1); return 0;
      case INCREMENT_NOT_ZERO:
        if (!old) return 0;
        H(p) = fit(old + 1); add_unit(p + 1, 1);
        return 1;
      case DECREMENT: case DECREMENT_AND_TEST: case COUNT_DOWN:
        if (old <= 0) { wrong(refcount_underflow); return 0; }
        H(p) = old - 1;
        remove_unit(p + 1);
        if (operation == DECREMENT && old == 1) wrong(refcount_underflow);
        return old == 1;
      default:
        if (old != 1) return 0;
        H(p) = 0;
        remove_unit(p + 1);
        return 1;
      }
    }
    static word units(word o, int offset, word holder) {
      word total = 0;
      int u;
      for (u = H(o + offset + 1); u; u = H(u + 1)) if (H(u + 3) == holder) total += H(u + 4);
      return total;
    }
    static void move_unit(int head) {
      word was_by = by, was_whose = whose;
      remove_unit(head);
      by = by2; whose = whose2;
      add_unit(head, 1);
      by = was_by; whose = was_whose;
    }

    static int xarray_from(int o, int offset, word *from) {
      int i;
      for (i = fstart[TYPE(H(o))]; i < fstart[TYPE(H(o)) + 1]; i++) if (foffset[i] == offset) { *from = ffrom[i]; return fkind[i] == XARRAY; }
      return 0;
    }
    static void insert_at(int link, word key, word second, word value) {
      int c = make_cell(key, second, value);
      H(c + 1) = H(link);
      H(link) = c;
    }
    static void remove_at(int link) { int c = H(link); H(link) = H(c + 1); give_back(c); }
    static word xa_alloc(int o, int offset) {
      int link = o + offset, c;
      word key;
      if (!xarray_from(o, offset, &key)) return 0;
      while (H(link)) { c = H(link); if (H(c + 2) > key) break; if (H(c + 2) == key) { if (key == 0x7fffffffffffffffLL) return -16; key++; } link = c + 1; }
      insert_at(link, key, 0, 0);
      return key;
    }
    static word xa_store(int o, int offset) {
      int link = o + offset, c;
      while (H(link) && H(H(link) + 2) < opd[0]) link = H(link) + 1;
      c = H(link);
      if (c && H(c + 2) == opd[0]) { H(c + 3) = opd[1] != 0; H(c + 4) = fit(opd[1]); }
      else insert_at(link, opd[0], opd[1] != 0, opd[1]);
      return 0;
    }
    static word xa_insert(int o, int offset) {
      int link = o + offset;
      while (H(link) && H(H(link) + 2) < opd[0]) link = H(link) + 1;
      if (H(link) && H(H(link) + 2) == opd[0]) return -16;
      insert_at(link, opd[0], opd[1] != 0, opd[1]);
      return 0;
    }
    static word xa_cmpxchg(int o, int offset) {
      int link = o + offset, c;
      while (H(link) && H(H(link) + 2) < opd[0]) link = H(link) + 1;
      c = H(link) && H(H(link) + 2) == opd[0] ? H(link) : 0;
      if (c) {
        word old = H(c + 4);
        if (old == opd[1]) { H(c + 3) = opd[2] != 0; H(c + 4) = fit(opd[2]); }
        return old;
      }
      if (!opd[1] && opd[2]) insert_at(link, opd[0], 1, opd[2]);
      return 0;
    }
    static word xa_load(int o, int offset) {
      int c = H(o + offset);
      while (c && H(c + 2) < opd[0]) c = H(c + 1);
      return c && H(c + 2) == opd[0] ? H(c + 4) : 0;
    }
    static word xa_erase(int o, int offset) {
      int link = o + offset;
      word value;
      while (H(link) && H(H(link) + 2) != opd[0]) link = H(link) + 1;
      if (!H(link)) return 0;
      value = H(H(link) + 4);
      remove_at(link);
      return value;
    }
    static word xa_find(int o, int offset) {
      int c;
      for (c = H(o + offset); c; c = H(c + 1)) if (H(c + 2) >= opd[0] && H(c + 3)) return H(c + 2);
      return -1;
    }
    /* Members of lists and interval maps hold their neighbours' links. */
    static void use_member(word o) { if (o > 0 && !ALIVE(H(o)) && me < THREADS) wrong(use_after_free); }
    static int is_there(word o) { if (o > 0 && o < HEND) return 1; wrong(null_dereference); return 0; }
    static word list_append(int o, int offset) {
      int link = o + offset;
      word last = 0;
      while (H(link)) { last = H(H(link) + 4); link = H(link) + 1; }
      if (!is_there(opd[0])) return 0;
      use_member(last); use_member(opd[0]);
      insert_at(link, 0, 0, opd[0]);
      return 0;
    }
    static word list_remove(int o, int offset) {
      int link = o + offset, next;
      word last = 0;
      if (!is_there(opd[0])) return 0;
      while (H(link) && H(H(link) + 4) != opd[0]) { last = H(H(link) + 4); link = H(link) + 1; }
      use_member(opd[0]);
      if (!H(link)) { wrong(warn); return 0; }
      use_member(last);
      next = H(H(link) + 1);
      if (next) use_member(H(next + 4));
      remove_at(link);
      return 0;
    }
    static word list_first(int o, int offset) { int c = H(o + offset); return c ? H(c + 4) : 0; }
    static word list_next(int o, int offset) {
      int c;
      if (!is_there(opd[0])) return 0;
      use_member(opd[0]);
      for (c = H(o + offset); c; c = H(c + 1)) if (H(c + 4) == opd[0]) return H(c + 1) ? H(H(c + 1) + 4) : 0;
      return 0;
    }
    #define U(x) ((unsigned long long)(word)(x))
    static word imap_insert(int o, int offset) {
      int link = o + offset, c;
      word last = 0;
      while (H(link)) {
        c = H(link);
        if (U(H(c + 2)) > U(opd[0]) || (H(c + 2) == opd[0] && U(H(c + 3)) > U(opd[1]))) break;
        last = H(c + 4);
        link = c + 1;
      }
      if (!is_there(opd[2])) return 0;
      if (U(opd[1]) < U(opd[0])) wrong(warn);
      use_member(last); use_member(opd[2]);
      if (H(link)) use_member(H(H(link) + 4));
      insert_at(link, opd[0], opd[1], opd[2]);
      return 0;
    }
    static word imap_find(int o, int offset) {
      int c;
      for (c = H(o + offset); c; c = H(c + 1)) {
        use_member(H(c + 4));
        if (U(H(c + 2)) <= U(opd[1]) && U(H(c + 3)) >= U(opd[0])) return H(c + 4);
      }
      return 0;
    }
    static word imap_uncovered(int o, int offset) {
      unsigned long long low = U(opd[0]), high = U(opd[1]), next = low, total = 0;
      int c;
      if (low > high) return 0;
      for (c = H(o + offset); c; c = H(c + 1)) {
        unsigned long long first = U(H(c + 2)), last = U(H(c + 3));
        use_member(H(c + 4));
        if (first > high) break;
        if (last >= next) {
          if (first > next) total += first - next;
          if (last >= high) return (word)total;
          next = last + 1;
        }
      }
      return (word)(total + (high - next) + 1);
    }
    static word count_cells(int o, int offset) {
      word from, total = 0;
      int c, xarray = xarray_from(o, offset, &from);
      for (c = H(o + offset); c; c = H(c + 1)) {
        if (!xarray) use_member(H(c + 4));
        if (!xarray || H(c + 3)) total++;
      }
      return total;
    }

    static int available(int lock, int mode) {
      return mode == WRITE ? !H(lock) && !H(lock + 1) : mode == READ ? !H(lock) && !H(lock + 2) : !H(lock);
    }
    static int keepers(int lock, int mode) {
      int mask = H(lock) ? 1 << (H(lock) - 1) : 0;
      return mode == WRITE ? mask | H(lock + 1) : mode == READ ? mask | H(lock + 2) : mask;
    }
    static void may_sleep(void) {
      int i;
      for (i = 0; i < th[HELDCOUNT]; i++)
        if ((th[HELD + i] & 3) == SPIN || (th[HELD + i] >> 2 & 0xfff) == RCUCLASS) { wrong(sleep_in_atomic); return; }
      if (wqueue[me] >= 0 && qatomic[wqueue[me]]) wrong(sleep_in_atomic);
    }
    /* The lock class of a call that a field holds; -1 for callbacks of RCU. */
    static int call_class(int c) {
      int i;
      for (i = 0; i < WORKS; i++) if (wtype[i] == TYPE(H(H(c + 4))) && woffset[i] == H(c + 2) >> 12) return wclass[i];
      return -1;
    }
    /* Locks of one class that may be nested in the order of a field. */
    static int nests(int outer, int lock, int inner, int class) {
      int field = cnests[class];
      if (outer != class || field < 0) return 0;
      return H(lock - coffset[class] + field) < H(inner - coffset[class] + field);
    }
    static void note_pair(int held, int outer, int lock, int class) {
      int a, b;
      if (held == lock || outer >= CLASSES || class >= CLASSES || before[outer][class]) return;
      if (nests(outer, held, lock, class)) return;
      if (outer == class || before[class][outer]) wrong(lock_order);
      for (a = 0; a < CLASSES; a++) for (b = 0; b < CLASSES; b++)
        if ((a == outer || before[a][outer]) && (b == class || before[class][b])) before[a][b] = 1;
    }
    static void note_order(int lock, int class) {
      int i, c;
      for (i = 0; i < th[HELDCOUNT]; i++) note_pair(th[HELD + i] >> 14, th[HELD + i] >> 2 & 0xfff, lock, class);
      /* Whoever runs a call holds its class. */
      if (wqueue[me] < 0) return;
      for (c = (&T(qfirst[wqueue[me]]))[TASKWORK]; c; c = H(c + 1))
        if (H(c + 3) == -me - 1 && call_class(c) >= 0) note_pair(H(c + 4) + (H(c + 2) >> 12), call_class(c), lock, class);
    }
    static void take(int lock, int class, int mode, int try) {
      if (mode != SPIN && !try) may_sleep();
      if (!try) note_order(lock, class);
      if (mode == READ) H(lock + 1) |= 1 << me;
      else H(lock) = me + 1;
      if (mode == WRITE) { H(lock + 2) &= ~(1 << me); th[FLAGS] &= ~QUEUED; }
      if (th[HELDCOUNT] < HELDLIMIT) th[HELD + th[HELDCOUNT]++] = lock << 14 | class << 2 | mode;
      else wrong(lock_imbalance);
    }
    static void release(int lock, int mode) {
      int position = th[HELDCOUNT] - 1, i;
      while (position >= 0 && (th[HELD + position] & ~(4095 << 2)) != (lock << 14 | mode)) position--;
      if (position < 0) { wrong(lock_imbalance); return; }
      for (i = position; i < th[HELDCOUNT] - 1; i++) th[HELD + i] = th[HELD + i + 1];
      th[HELD + --th[HELDCOUNT]] = 0;
      if (mode != READ) { H(lock) = 0; return; }
      /* Who has it several times keeps it until the last is given back. */
      for (i = 0; i < th[HELDCOUNT]; i++) if ((th[HELD + i] & ~(4095 << 2)) == (lock << 14 | READ)) return;
      H(lock + 1) &= ~(1 << me);
    }
    static int holds(cell *w, int lock) {
      int i;
      for (i = 0; i < w[HELDCOUNT]; i++) if (w[HELD + i] >> 14 == lock) return 1;
      return 0;
    }
    static int is_held(int lock) {
      int n;
      for (n = 0; n < THREADS; n++) if (holds(&T(n), lock)) return 1;
      return 0;
    }
    static void wake(int queue, int all) {
      int n;
      for (n = 0; n < THREADS; n++) {
        cell *w = &T(n);
        if ((w[FLAGS] & SLEEPING) && !(w[FLAGS] & WOKEN) && w[QUEUE] == queue && (all || (w[FLAGS] & INTERRUPTIBLE))) w[FLAGS] |= WOKEN;
      }
    }

    static void push(int function, int back, int result) {
      int start = th[SP], i;
      st[start] = back; st[start + 1] = th[FP]; st[start + 2] = result; st[start + 3] = function;
      f = st + start + 4;
      for (i = 0; i < parameters[function]; i++) f[i] = fit(arg[i]);
      for (; i < locals[function]; i++) f[i] = 0;
      th[FP] = start;
      th[SP] = start + 4 + locals[function];
    }
    static int leave(word value) {
      int offset = f - 4 - st, back = st[offset], caller = st[offset + 1], result = st[offset + 2], i;
      for (i = offset; i < th[SP]; i++) st[i] = 0;
      th[SP] = offset;
      th[FP] = caller;
      f = st + caller + 4;
      if (result >= 0) f[result] = fit(value);
      return back;
    }
    static void add_task_work(int function, word argument) {
      int c = make_cell(function, 0, argument);
      cell *link = &th[TASKWORK];
      while (*link) link = &H(*link + 1);
      *link = c;
    }
    """#

  /// What follows the functions: who can step, and what a step is.
  static let ending = #"""
    static void check_units(void) {
      int i, o, u;
      for (o = 1; o < HEND; o += SIZE(H(o))) if (ALIVE(H(o)) && TYPE(H(o)) >= GLOBALS)
        for (i = fstart[TYPE(H(o))]; i < fstart[TYPE(H(o)) + 1]; i++) if (fkind[i] == COUNT)
          for (u = H(o + foffset[i] + 1); u; u = H(u + 1)) if (H(u + 3) == -(me + 1)) wrong(leak);
    }
    static int choices(int n);
    static int others_may_act(void) {
      int n;
      for (n = 0; n < THREADS; n++) if (n != me && ((&T(n))[PC] != IDLE || choices(n) > 0)) return 1;
      return 0;
    }
    static void finish(void) {
      int row = ostart[me] + th[OP], i, k = 0;
      for (i = astart[row]; i < astart[row + 1]; i++, k++)
        if (astoring[i] == 2 || (astoring[i] == 1 && !th[RESULT])) now.W[aplace[i]] = st[4 + k];
      if (th[HELDCOUNT] > 0) wrong(lock_imbalance);
      if (estart[row + 1] > estart[row]) {
        word result = th[RESULT] > 0 ? 0 : th[RESULT];
        int is_allowed = 0;
        for (i = estart[row]; i < estart[row + 1]; i++) if (eallowed[i] == result) is_allowed = 1;
        if (!is_allowed) wrong(unexpected_result);
      }
      check_units();
      for (i = 0; i < th[SP]; i++) st[i] = 0;
      th[FP] = 0; th[SP] = 0; th[PC] = IDLE; th[OP] += 1; th[RESULT] = 0;
    }
    static void go_from(int pc) {
      fuel = 1000000;
      while (pc >= 0) {
        if (pc > 0) { pc = code[owner[pc]](pc); continue; }
        if (!stop) return;
        if (ride_count && passed && others_may_act()) { th[PC] = 0; keep_rides(); return; }
        passed = 1;
        if (wqueue[me] >= 0) { end_call(); return; }
        if (th[TASKWORK]) {
          int c = th[TASKWORK], function = H(c + 2);
          arg[0] = H(c + 4);
          th[TASKWORK] = H(c + 1);
          give_back(c);
          push(function, 0, -1);
          pc = address[function];
        } else { finish(); return; }
      }
    }
    static void start(void) {
      int row = ostart[me] + th[OP], function = oentry[row], i, k = 0;
      if (function < 0) { th[OP] += 1; return; }
      if (readtrail) printf("        thread %d: %s\n", me, otext[row]);
      st[0] = 0; st[1] = 0; st[2] = -1; st[3] = function;
      for (i = astart[row]; i < astart[row + 1]; i++, k++) st[4 + k] = aplace[i] < 0 ? fit(anumber[i]) : now.W[aplace[i]];
      for (; k < locals[function]; k++) st[4 + k] = 0;
      th[FP] = 0; th[SP] = 4 + locals[function]; th[RESULT] = 0;
      f = st + 4;
      passed = 1;
      go_from(address[function]);
    }
    static word evaluate(int function, int argument) {
      int saved = me, was = stop;
      cell *words = th, *stack = st, *frame = f;
      word result;
      me = THREADS; stop = 0; th = monitor; st = monitor + STACK; f = st + 4;
      st[3] = function; st[4] = argument;
      th[SP] = 4 + locals[function];
      go_from(address[function]);
      result = th[RESULT];
      memset(monitor, 0, sizeof monitor);
      me = saved; stop = was; th = words; st = stack; f = frame;
      return result;
    }

    static int barrier_is_open(int n, int row) {
      int other, number = obefore[row];
      for (other = 0; other < THREADS; other++) if (other != n && bcount[other] > number) {
        cell *w = &T(other);
        int position = bposition[bstart[other] + number];
        if (w[OP] < position || (w[OP] == position && w[PC] != IDLE)) return 0;
      }
      return 1;
    }
    static int own_choices(int n) {
      cell *w = &T(n);
      int mode, lock, row;
      if (w[FLAGS] & STUCK) return 0;
      if ((w[FLAGS] & SLEEPING) && !(w[FLAGS] & WOKEN)) return w[FLAGS] & NOTIMEOUT ? 0 : -1;
      if (w[PC] == IDLE) {
        if (wqueue[n] >= 0) return worker_choices(n);
        if (w[OP] >= ostart[n + 1] - ostart[n]) return 0;
        row = ostart[n] + w[OP];
        return oentry[row] < 0 ? barrier_is_open(n, row) : 1;
      }
      switch (kind[w[PC]]) {
      case 1:
        lock = peek(n, &mode);
        return !lock || available(lock, mode) || (mode == WRITE && !(H(lock + 2) & 1 << n));
      case 2: return may_fail(n) ? 2 : 1;
      default: return kind[w[PC]] < 3 ? 1 : kind[w[PC]] - 2;
      }
    }
    /* Who has looked at what was freed since may look only now, which is the first way, or have looked before. */
    static int choices(int n) {
      cell *w = &T(n);
      int own = own_choices(n);
      if (w[RIDECOUNT] && !(w[FLAGS] & STUCK) && dead_ride(w)) return 1 + (own > 0 ? own : 0);
      return own;
    }
    static int keepers_of(int n) {
      int mode, lock, c = call_of(n);
      if (c) return call_keepers(c);
      lock = peek(n, &mode);
      return !lock || available(lock, mode) ? 0 : keepers(lock, mode);
    }
    static int cycle(int n, int *visited) {
      int others, next;
      for (others = keepers_of(n); others; others &= others - 1) {
        next = __builtin_ctz(others);
        if (next == me) return 1;
        if (next >= THREADS || (*visited & 1 << next)) continue;
        *visited |= 1 << next;
        if (cycle(next, visited)) return 1;
      }
      return 0;
    }
    static void check_cycle(void) {
      int mask = keepers_of(me), visited = 1 << me;
      if (!mask || (th[FLAGS] & TOLD)) return;
      if (mask & 1 << me) { th[FLAGS] |= TOLD; wrong(self_deadlock); }
      else if (cycle(me, &visited)) { th[FLAGS] |= TOLD; wrong(deadlock); }
    }
    static void check_invariants(void) {
      int n, i, o, quiet = nothing_is_queued();
      for (n = 0; n < THREADS; n++) if ((&T(n))[PC] != IDLE) quiet = 0;
      for (i = 0; i < INVARIANTS; i++) {
        if (iquiet[i] && !quiet) continue;
        if (itype[i] < 0) { if (!evaluate(ifunction[i], 0)) wrong(iproperty[i]); continue; }
        for (o = 1; o < HEND; o += SIZE(H(o)))
          if (ALIVE(H(o)) && TYPE(H(o)) > GLOBALS && is_a(o, itype[i]) && !evaluate(ifunction[i], o)) wrong(iproperty[i]);
      }
    }
    /* Whether any sleeper without a timeout lacks nothing but the wake-up. */
    static int sleeps_on_true(void) {
      static cell saved[sizeof now.W / sizeof(cell)];
      static char was_found[PROPERTIES];
      cell *was_th = th, *was_st = st, *was_f = f;
      int n, was_me = me, was_outcome = outcome, was_fatal = fatal, holds_now = 0;
      memcpy(was_found, found, sizeof found);
      memset(found, 1, sizeof found);
      for (n = 0; n < THREADS && !holds_now; n++) {
        if (!((&T(n))[FLAGS] & SLEEPING) || call_of(n)) continue;
        memcpy(saved, now.W, sizeof now.W);
        me = n; th = &T(n); st = th + STACK; f = st + th[FP] + 4;
        th[FLAGS] |= WOKEN; outcome = STEPPED; passed = 0; ride_count = 0; old_count = 0;
        go_from(th[PC]);
        holds_now = outcome != SLEPT;
        memcpy(now.W, saved, sizeof now.W);
      }
      memcpy(found, was_found, sizeof found);
      me = was_me; outcome = was_outcome; fatal = was_fatal; th = was_th; st = was_st; f = was_f;
      return holds_now;
    }
    static void look_after(void) {
      int n, finished = nothing_is_queued(), waiting = 1, told = 0;
      if (TOMBSTONES > 0) sweep();
      if (outcome != SLEPT || QUEUES) check_cycle();
      check_invariants();
      check_workers();
      for (n = 0; n < THREADS; n++) {
        cell *w = &T(n);
        if (w[PC] != IDLE || w[OP] < ostart[n + 1] - ostart[n]) finished = 0;
        if (choices(n)) waiting = 0;
        if (w[FLAGS] & (STUCK | TOLD)) told = 1;
      }
      if (finished) check_leaks();
      else if (waiting && !told && !fatal) wrong(sleeps_on_true() ? lost_wakeup : deadlock);
    }

    static int begins(int n) { return n == 0 && !STAGE; }
    static void begin(void) {
      int i;
      for (i = 0; i < SLOTS; i++) now.W[SLOTBASE + i] = sinitial[i];
      for (i = 0; i < THREADS; i++) (&T(i))[PC] = IDLE;
      HEND = 1;
      STAGE = 1;
      allocate(GLOBALS);
      if (INIT >= 0) evaluate(INIT, 0);
    }
    static int may(int n, int c) { return STAGE == 1 && choices(n) > c; }
    static int oversleeps(int n) {
      int other;
      if (STAGE != 1 || choices(n) >= 0) return 0;
      for (other = 0; other < THREADS; other++) if (other != n && choices(other) > 0) return 0;
      return 1;
    }
    static void go(int n, int c) {
      me = n; choice = c; stop = 1; fatal = 0; outcome = STEPPED;
      th = &T(n); st = th + STACK; f = st + th[FP] + 4;
      ride_count = 0; old_count = 0;
      if (th[PC] == IDLE && wqueue[n] >= 0) begin_call(c);
      else if (th[PC] == IDLE) start();
      else if (!take_up_rides() && !choice--) { wrong(use_after_free); th[FLAGS] |= STUCK; }
      else { passed = 0; go_from(th[PC]); if (outcome == NOT_READY && old_count) put_back_rides(); }
      look_after();
      if (fatal) { memset(now.W, 0, sizeof now.W); STAGE = 2; }
    }
    """#
}
