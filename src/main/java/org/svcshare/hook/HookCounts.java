package org.svcshare.hook;

/// What became of the events that hooks were told.
///
/// @param delivered taken by the receiver
/// @param failed given up: the receiver refused, failed or took too long
/// @param dropped not even tried, since too many waited
public record HookCounts(long delivered, long failed, long dropped) {
    static final HookCounts NONE = new HookCounts(0, 0, 0);

    HookCounts plus(HookCounts other) {
        return new HookCounts(
                delivered + other.delivered, failed + other.failed, dropped + other.dropped);
    }
}
