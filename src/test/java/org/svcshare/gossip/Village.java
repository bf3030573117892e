package org.svcshare.gossip;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.svcshare.config.Endpoint;
import org.svcshare.store.Change;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.Value;

/// Members in this process, each with a port, a folder and a list of what it was told.
final class Village implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path folder;
    private final List<Inhabitant> all = new CopyOnWriteArrayList<>();

    Village(Path folder) {
        this.folder = folder;
    }

    /// One member.
    record Inhabitant(JGroupsGroup group, List<GroupEvent> events) {
        List<String> names(Member.State state) {
            return group.members().stream()
                    .filter(member -> member.state() == state)
                    .map(Member::name)
                    .sorted()
                    .toList();
        }

        Change.Outcome change(Change change) {
            var outcome = new CompletableFuture<Change.Outcome>();
            group.change(change, outcome::complete);
            return get(outcome);
        }

        void put(String key, String value) {
            change(
                    new Change.Put(
                            key, Value.text(value), Optional.empty(), new Change.Condition.Any()));
        }

        void remove(String key) {
            change(new Change.Remove(key, new Change.Condition.Any()));
        }

        /// @return empty when it is not there
        String value(String key) {
            var found = new CompletableFuture<Optional<Entry>>();
            group.read(view -> view.get(key), found::complete);
            return get(found)
                    .map(Entry::value)
                    .map(value -> value == null ? "" : value.text())
                    .orElse("");
        }

        <E extends GroupEvent> List<E> events(Class<E> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        private static <T> T get(CompletableFuture<T> future) {
            try {
                return future.get(10, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    Inhabitant start(String name, Inhabitant... seeds) throws IOException {
        return start(name, name, settings -> settings, seeds);
    }

    Inhabitant start(
            String name, String home, UnaryOperator<Samples.Builder> more, Inhabitant... seeds)
            throws IOException {
        var at = new ArrayList<Endpoint>();
        for (Inhabitant seed : seeds) {
            at.add(seed.group.listening());
        }
        var settings =
                more.apply(
                                Samples.settings(name, at)
                                        .folder(folder.resolve(home))
                                        .interval(Duration.ofMillis(300)))
                        .build();
        var events = new CopyOnWriteArrayList<GroupEvent>();
        var group =
                JGroupsGroup.start(
                        settings, "1.0-test", InstantSource.system(), new Random(), events::add);
        var one = new Inhabitant(group, events);
        all.add(one);
        return one;
    }

    void stop(Inhabitant one) {
        all.remove(one);
        one.group.close();
    }

    /// Waits until each of them sees all of them.
    static void together(Inhabitant... them) {
        for (Inhabitant one : them) {
            Awaitility.await("all members at " + one.group.status())
                    .atMost(LIMIT)
                    .until(() ->
                            one.group.status().joined()
                                    && one.names(Member.State.ALIVE).size() == them.length);
        }
    }

    @Override
    public void close() {
        all.parallelStream().forEach(one -> one.group.close());
    }
}
