package org.svcshare.pool;

import java.util.Set;

/// What is set for one pool.
///
/// @param slots how many may hold it at a time, 1 to 1,000,000; 1 is a mutex
/// @param leaseMs how long a ticket holds that does not say, in milliseconds; 0: until released
/// @param maxWaiters how many may wait, at least 0
/// @param allow who may ask for it, as holders; empty: everybody
public record PoolRules(String name, int slots, long leaseMs, int maxWaiters, Set<String> allow) {
    public static final int MAX_SLOTS = 1_000_000;

    public PoolRules {
        allow = Set.copyOf(allow);
        if (slots < 1 || slots > MAX_SLOTS || leaseMs < 0 || maxWaiters < 0) {
            throw new IllegalArgumentException(
                    name + ": slots=" + slots + " leaseMs=" + leaseMs + " waiters=" + maxWaiters);
        }
    }
}
