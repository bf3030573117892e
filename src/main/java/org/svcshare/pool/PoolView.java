package org.svcshare.pool;

/// A pool as everybody may see it.
///
/// @param declared whether it stands in the settings; others are gone when nobody uses them
/// @param slotsTaken how many of its slots are taken
/// @param held how many tickets hold; more than slots are taken when some are shared
/// @param meanHoldMs how long a holder had it lately, on average; 0: nobody has given it back yet
public record PoolView(
        String name,
        boolean declared,
        int slots,
        int slotsTaken,
        int held,
        int waiting,
        long meanHoldMs) {}
