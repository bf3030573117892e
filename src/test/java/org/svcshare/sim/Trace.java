package org.svcshare.sim;

/// The last steps of a history, kept as objects and written out only when somebody wants to read
/// them.
final class Trace {
    private static final int KEPT = Math.max(1024, Integer.getInteger("sim.trace", 0));

    private record Step(long nanos, String who, Object what, Object then) {}

    private final Step[] steps = new Step[KEPT];
    private long count;

    void add(long nanos, String who, Object what, Object then) {
        steps[(int) (count++ % KEPT)] = new Step(nanos, who, what, then);
    }

    /// The last `wanted` steps, oldest first, a line each.
    String last(int wanted) {
        var text = new StringBuilder();
        long from = Math.max(0, count - Math.min(wanted, KEPT));
        for (long i = from; i < count; i++) {
            Step step = steps[(int) (i % KEPT)];
            text.append("  ").append(clock(step.nanos())).append(' ');
            text.append(step.who().isEmpty() ? "--" : step.who()).append(' ');
            text.append(step.what());
            String then = step.then().toString();
            if (!then.isEmpty()) {
                text.append("\n                 => ").append(then);
            }
            text.append('\n');
        }
        return text.toString();
    }

    /// Virtual time as h:mm:ss.mmm.
    static String clock(long nanos) {
        long millis = nanos / Sim.MILLI;
        return "%d:%02d:%02d.%03d"
                .formatted(
                        millis / 3_600_000,
                        millis / 60_000 % 60,
                        millis / 1000 % 60,
                        millis % 1000);
    }
}
