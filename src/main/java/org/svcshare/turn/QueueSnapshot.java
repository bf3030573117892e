package org.svcshare.turn;

/// What a client program had left to do when it was last asked.
///
/// All figures are finite and not negative. MB is 1024 * 1024 bytes.
///
/// @param currentMb MB left of the job at the head of the queue
/// @param restMb MB left of the jobs behind it
/// @param items how many jobs are behind the first
/// @param speedBps bytes per second just now
/// @param paused the program's own pause, whoever set it
/// @param forcedMb part of the queue that the program loads even while it is paused
public record QueueSnapshot(
        double currentMb,
        double restMb,
        int items,
        long speedBps,
        boolean paused,
        double forcedMb) {

    public static final QueueSnapshot EMPTY = new QueueSnapshot(0, 0, 0, 0, false, 0);

    public QueueSnapshot {
        requireSize("currentMb", currentMb);
        requireSize("restMb", restMb);
        requireSize("forcedMb", forcedMb);
        if (items < 0 || speedBps < 0) {
            throw new IllegalArgumentException("items=" + items + " speedBps=" + speedBps);
        }
    }

    /// MB left in all: what elections count.
    public double totalMb() {
        return currentMb + restMb;
    }

    private static void requireSize(String name, double mb) {
        if (!Double.isFinite(mb) || mb < 0) {
            throw new IllegalArgumentException(name + "=" + mb);
        }
    }
}
