package org.svcshare.pool;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is set for all pools together.
///
/// @param undeclared the rules of pools that are not declared, whose name does not matter; null:
///   there are none
/// @param maxTickets how many tickets there may be in all, held and waiting
/// @param rememberMs how long the id of an ended request is remembered, so that a late repetition
///   does not take the lock anew
/// @param maxRemembered how many such ids at most; the oldest go first
public record TableRules(
        List<PoolRules> declared,
        @Nullable PoolRules undeclared,
        int maxTickets,
        long rememberMs,
        int maxRemembered) {
    public TableRules {
        declared = List.copyOf(declared);
        if (maxTickets < 1 || rememberMs < 0 || maxRemembered < 0) {
            throw new IllegalArgumentException(
                    "tickets=" + maxTickets + " rememberMs=" + rememberMs + " " + maxRemembered);
        }
    }
}
