package org.svcshare.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;

/// What `/metrics` says of the members and their shared store. No name of a member and no key is a
/// label.
final class MemberMetrics {
    /// What the group says has few names; should that ever not be so, they are no more labels than
    /// this.
    private static final int MOST_NAMES = 64;

    /// A group that does not answer must not take the other metrics with it.
    private static final long PATIENCE_MS = 1000;

    private final MeterRegistry registry;
    private final MemberGroup group;
    private final MultiGauge members;
    private final Set<String> known = new HashSet<>();
    private final Counter appeared;
    private final Counter changed;
    private final Counter removed;
    private final Counter expired;
    private volatile Store store = new Store(0, 0, 0);

    private record Store(int keys, long sizeBytes, int tombstones) {}

    MemberMetrics(MeterRegistry registry, MemberGroup group) {
        this.registry = registry;
        this.group = group;
        members =
                MultiGauge.builder("svcshare.members")
                        .description("Members of the group, as this one sees it")
                        .register(registry);
        Gauge.builder("svcshare.gossip.joined", group, g -> g.status().joined() ? 1 : 0)
                .description("1 while this member is in a group, be it alone")
                .register(registry);
        size("svcshare.store.keys", "Keys of the shared store", now -> now.keys);
        size(
                "svcshare.store.bytes",
                "Bytes of keys and values, removed ones included",
                now -> now.sizeBytes);
        size(
                "svcshare.store.tombstones",
                "Removed keys that are remembered, so that they do not come back",
                now -> now.tombstones);
        appeared = event("new");
        changed = event("changed");
        removed = event("removed");
        expired = event("expired");
    }

    private void size(String name, String help, Function<Store, Number> of) {
        Gauge.builder(name, () -> of.apply(store)).description(help).register(registry);
    }

    private Counter event(String event) {
        return Counter.builder("svcshare.store.events")
                .description("What became of keys, as this member saw it")
                .tag("event", event)
                .register(registry);
    }

    /// On the group's thread.
    void on(GroupEvent event) {
        switch (event) {
            case GroupEvent.NewKey _ -> appeared.increment();
            case GroupEvent.KeyChanged _ -> changed.increment();
            case GroupEvent.KeyRemoved(_, boolean ended) -> (ended ? expired : removed).increment();
            default -> {}
        }
    }

    /// Looks at the store, and comes back to the loop.
    void look(Loop loop, Runnable then) {
        var once = new Once(then);
        long timer = loop.vertx().setTimer(PATIENCE_MS, _ -> once.run());
        boolean asked =
                group.read(
                        view -> new Store(view.size(), view.sizeBytes(), view.tombstones()),
                        seen ->
                                loop.mailbox.post(() -> {
                                    store = seen;
                                    loop.vertx().cancelTimer(timer);
                                    once.run();
                                }));
        if (!asked) {
            loop.vertx().cancelTimer(timer);
            once.run();
        }
    }

    /// On one loop.
    private static final class Once implements Runnable {
        private @Nullable Runnable then;

        Once(Runnable then) {
            this.then = then;
        }

        @Override
        public void run() {
            Runnable now = then;
            then = null;
            if (now != null) {
                now.run();
            }
        }
    }

    /// Before each reading, by one thread at a time.
    void refresh() {
        var rows = new ArrayList<MultiGauge.Row<?>>();
        for (Member.State state : Member.State.values()) {
            long number =
                    group.members().stream().filter(member -> member.state() == state).count();
            String name = state.name().toLowerCase(Locale.ROOT);
            rows.add(MultiGauge.Row.of(Tags.of("state", name), number));
        }
        members.register(rows, true);
        MemberGroup.Status status = group.status();
        for (String reason : status.rejected().keySet()) {
            count(
                    "svcshare.gossip.rejected",
                    Tags.of("reason", reason),
                    "Messages that were not believed or not understood",
                    g -> g.status().rejected().getOrDefault(reason, 0L));
        }
        for (String name : status.counts().keySet()) {
            count(
                    "svcshare.gossip." + name.replaceAll("[^a-z0-9]+", "."),
                    Tags.empty(),
                    "What the member counts of its talk with the others; docs/metrics.md has more",
                    g -> g.status().counts().getOrDefault(name, 0L));
        }
    }

    private void count(
            String metric, Tags tags, String help, ToDoubleFunction<MemberGroup> number) {
        if (known.size() < MOST_NAMES && known.add(metric + tags)) {
            FunctionCounter.builder(metric, group, number)
                    .description(help)
                    .tags(tags)
                    .register(registry);
        }
    }
}
