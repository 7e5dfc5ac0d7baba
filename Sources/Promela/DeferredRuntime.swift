/// Calls that run later in an exported model, in C: the twin of `DeferredCalls.swift` of the machine.
enum DeferredRuntime {
  /// What stands before the functions of the model.
  static let text = #"""
    #define QHEAD(q) ((&T(qfirst[(q) < 0 ? 0 : (q)])) + TASKWORK)
    #define READERS H(1 + RCUWORD + 1)
    static int append_call(int q, word call, word state, word object) {
      int c = make_cell(call, state, object);
      cell *link = QHEAD(q);
      while (*link) link = &H(*link + 1);
      *link = c;
      return c;
    }
    static void remove_call(int c, int q) {
      cell *link = QHEAD(q);
      int n;
      while (*link != c) { if (!*link) return; link = &H(*link + 1); }
      *link = H(c + 1);
      for (n = 0; n < THREADS; n++) {
        cell *w = &T(n);
        if ((w[FLAGS] & (SLEEPING | WOKEN)) == SLEEPING && w[QUEUE] == c) { w[FLAGS] |= WOKEN; w[QUEUE] = 0; }
      }
      give_back(c);
    }
    static int nothing_is_queued(void) {
      int q;
      for (q = 0; q < QUEUES; q++) if (*QHEAD(q)) return 0;
      return 1;
    }
    static int can_begin(int c, int q) {
      int d;
      if (H(c + 2) < 0 || H(c + 3)) return 0;
      if (H(c + 2) >> 12)
        for (d = *QHEAD(q); d; d = H(d + 1)) if (H(d + 3) < 0 && H(d + 2) == H(c + 2) && H(d + 4) == H(c + 4)) return 0;
      return 1;
    }
    static int beginnings(int q) {
      int c = *QHEAD(q), count = 0;
      if (qordered[q]) return c && can_begin(c, q);
      for (; c; c = H(c + 1)) count += can_begin(c, q);
      if (count > MOSTCALLS) Uerror("too many calls wait in one queue");
      return count;
    }
    static int worker_choices(int n) {
      int q = wqueue[n], other;
      for (other = qfirst[q]; other < n; other++) if ((&T(other))[PC] == IDLE) return 0;
      return beginnings(q);
    }
    static void check_workers(void) {
      int q, n;
      for (q = 0; q < QUEUES; q++) {
        int busy = !qordered[q];
        for (n = qfirst[q]; n < qfirst[q] + qcount[q]; n++) if ((&T(n))[PC] == IDLE) busy = 0;
        if (busy && beginnings(q)) Uerror("a queue has too few workers");
      }
    }
    static int find_call(word o, int offset, int q, int running) {
      int c;
      for (c = *QHEAD(q); c; c = H(c + 1))
        if (H(c + 2) >= 0 && H(c + 2) >> 12 == offset && H(c + 4) == o && (H(c + 3) < 0) == running) return c;
      return 0;
    }
    static word work(int operand, word o, int offset) {
      int q = operand >> 4 & 255, function = operand >> 12, waiting = find_call(o, offset, q, 0), p = o + offset;
      switch (operand & 15) {
      case 0:
        if (waiting || H(p)) return 0;
        append_call(q, function | offset << 12, 0, o);
        return 1;
      case 2: H(p) += 1;
      case 1:
        if (!waiting) return 0;
        remove_call(waiting, q);
        return 1;
      default: H(p) -= 1; return 0;
      }
    }
    static int awaited_call(word o, int offset, int q, int timer) {
      int waiting = find_call(o, offset, q, 0), running = find_call(o, offset, q, 1);
      if (!timer) return waiting ? waiting : running;
      if (running) return running;
      if (!waiting) return 0;
      remove_call(waiting, q);
      return -1;
    }
    static void sleep_on(int c) {
      th[FLAGS] = (th[FLAGS] & ~WOKEN) | SLEEPING | NOTIMEOUT;
      th[QUEUE] = c;
      outcome = SLEPT;
    }
    static int was_woken(void) {
      if (!(th[FLAGS] & SLEEPING)) return 0;
      th[FLAGS] &= ~(SLEEPING | WOKEN | INTERRUPTIBLE | NOTIMEOUT);
      th[QUEUE] = 0;
      return 1;
    }
    static int call_of(int n) {
      cell *w = &T(n);
      if (!QUEUES || (w[FLAGS] & (SLEEPING | WOKEN)) != SLEEPING || w[QUEUE] <= 0) return 0;
      return TYPE(H(w[QUEUE])) == CELL ? w[QUEUE] : 0;
    }
    static int call_keepers(int c) {
      int q, d;
      if (H(c + 3) < 0) return 1 << (-H(c + 3) - 1);
      if (H(c + 2) == -1) return H(c + 3);
      if (H(c + 2) < 0) return 0;
      for (q = 0; q < QUEUES; q++) for (d = *QHEAD(q); d; d = H(d + 1)) if (d == c && qordered[q])
        return (&T(qfirst[q]))[PC] == IDLE ? 0 : 1 << qfirst[q];
      return 0;
    }
    static void defer_call(int function, word o) { append_call(RCUQUEUE, function, READERS, o); }
    static int grace(int barrier) {
      int c, others = READERS & ~(1 << me);
      if (!barrier) return others ? append_call(RCUQUEUE, -1, others, 0) : 0;
      for (c = *QHEAD(RCUQUEUE); c; c = H(c + 1)) if (H(c + 2) >= 0) return append_call(RCUQUEUE, -2, 0, 0);
      return 0;
    }
    static void leave_readers(void) {
      int c, next;
      if ((READERS & 1 << me) || RCUQUEUE < 0) return;
      for (c = *QHEAD(RCUQUEUE); c; c = next) {
        next = H(c + 1);
        if (H(c + 3) <= 0 || !(H(c + 3) & 1 << me)) continue;
        H(c + 3) &= ~(1 << me);
        if (!H(c + 3) && H(c + 2) == -1) remove_call(c, RCUQUEUE);
      }
    }
    """#

  /// What follows the functions: the beginning and the end of a call.
  static let ending = #"""
    static void check_units(void);
    static void go_from(int pc);
    static void begin_call(int number) {
      int q = wqueue[me], c, function, k;
      for (c = *QHEAD(q); c; c = H(c + 1)) if (can_begin(c, q) && !number--) break;
      H(c + 3) = -me - 1;
      function = H(c + 2) & 4095;
      st[0] = 0; st[1] = 0; st[2] = -1; st[3] = function;
      for (k = 0; k < locals[function]; k++) st[4 + k] = 0;
      if (parameters[function]) st[4] = H(c + 4);
      th[FP] = 0; th[SP] = 4 + locals[function]; th[PC] = address[function]; th[RESULT] = 0;
      f = st + 4;
      passed = 1;
      if (readtrail) printf("        thread %d: begins a call\n", me);
      if (!frees[function] && !usable(H(c + 4))) { th[FLAGS] |= STUCK; return; }
      go_from(address[function]);
    }
    static void end_call(void) {
      int q = wqueue[me], c, next, i;
      if (th[HELDCOUNT] > 0) wrong(lock_imbalance);
      check_units();
      for (i = 0; i < th[SP]; i++) st[i] = 0;
      th[FP] = 0; th[SP] = 0; th[PC] = IDLE; th[RESULT] = 0;
      for (c = *QHEAD(q); c && H(c + 3) != -me - 1; c = H(c + 1)) ;
      if (c) remove_call(c, q);
      if (q != RCUQUEUE) return;
      for (c = *QHEAD(q); c; c = next) {
        next = H(c + 1);
        if (H(c + 2) >= 0) return;
        if (H(c + 2) == -2) remove_call(c, q);
      }
    }
    """#
}
