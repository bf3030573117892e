package org.svcshare.web;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.PoolSettings;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.PoolEngine.Glance;
import org.svcshare.pool.TableView;
import org.svcshare.replica.Replicas;
import org.svcshare.store.MemberGroup;

/// What all event loops of one server have in common.
///
/// @param members the group of members, where this process is in one
/// @param replicas the copies of a service, where this process replicates one
/// @param line for changes of them that have a condition
/// @param counts what is counted about the server itself
record Site(
        HttpSettings http,
        PoolSettings pools,
        PoolEngine engine,
        Optional<MemberGroup> members,
        Optional<Replicas> replicas,
        NodeLine line,
        StatusSource status,
        Waiters waiters,
        Metrics metrics,
        Counts counts,
        InstantSource clock) {

    long nowMs() {
        return clock.millis();
    }

    /// Looks at the pools and comes back to the loop.
    ///
    /// @param then gets null when the pools cannot be asked
    <T> void look(Loop loop, Function<TableView, T> question, Consumer<@Nullable T> then) {
        engine.read(question, found -> loop.mailbox.post(() -> then.accept(found)));
    }

    /// The same without waiting for other servers, at what may be a little old.
    <T> void glance(
            Loop loop, Function<TableView, T> question, Consumer<@Nullable Glance<T>> then) {
        engine.glance(question, found -> loop.mailbox.post(() -> then.accept(found)));
    }
}
