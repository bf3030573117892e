package org.svcshare.gossip;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.Change;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.HybridClock;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.StoreView;
import org.svcshare.store.Value;
import org.svcshare.store.Version;

/// A group of one, in memory: answers at once, on the thread that asks.
public final class InMemoryGroup implements MemberGroup {
    private static final String ID = "00000000000000aa";

    private final String name;
    private final int mostKeys;
    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private final HybridClock clock = new HybridClock(Duration.ofMinutes(1));
    private final List<Consumer<GroupEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<Member> others = new CopyOnWriteArrayList<>();
    private String trouble = "";
    private @Nullable Answerer answerer;
    private boolean closed;

    /// @param mostKeys further ones are refused
    public InMemoryGroup(String name, int mostKeys) {
        this.name = name;
        this.mostKeys = mostKeys;
    }

    public static Member member(String name, Member.State state, Instant since) {
        return new Member(name, ID, 1, "127.0.0.1:5555", state, since, "1.0", false);
    }

    public void add(Member other) {
        others.add(other);
    }

    public void trouble(String now) {
        trouble = now;
    }

    public void tell(GroupEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    public synchronized boolean closed() {
        return closed;
    }

    @Override
    public List<Member> members() {
        var all = new ArrayList<Member>();
        all.add(
                new Member(
                        name,
                        ID,
                        1,
                        "127.0.0.1:5555",
                        Member.State.ALIVE,
                        Instant.EPOCH,
                        "1.0",
                        true));
        all.addAll(others);
        return all;
    }

    @Override
    public Status status() {
        return new Status(
                true, "svcshare", name, "here", Instant.EPOCH, trouble, Map.of(), Map.of());
    }

    @Override
    public <T> void read(Function<StoreView, T> question, Consumer<T> then) {
        T answer;
        synchronized (this) {
            answer = question.apply(new View());
        }
        then.accept(answer);
    }

    @Override
    public void change(Change change, Consumer<Change.Outcome> then) {
        then.accept(outcome(change));
    }

    private synchronized Change.Outcome outcome(Change change) {
        String problem = Entry.problem(change.key());
        if (!problem.isEmpty()) {
            return new Change.Outcome.Refused(Change.Refusal.INVALID, problem);
        }
        Optional<Entry> before = Optional.ofNullable(entries.get(change.key()));
        var version = new Version(clock.next(1000), ID);
        return switch (change) {
            case Change.Put put when before.isEmpty() && entries.size() >= mostKeys ->
                    new Change.Outcome.Refused(Change.Refusal.FULL, "the store is full");
            case Change.Put put -> {
                var entry = new Entry(put.key(), put.value(), version, 0);
                entries.put(put.key(), entry);
                tell(
                        before.isPresent()
                                ? new GroupEvent.KeyChanged(entry, before.get())
                                : new GroupEvent.NewKey(entry));
                yield new Change.Outcome.Done(entry, before);
            }
            case Change.Remove remove when before.isEmpty() -> new Change.Outcome.Missing();
            case Change.Remove remove -> {
                entries.remove(remove.key());
                tell(new GroupEvent.KeyRemoved(before.orElseThrow(), false));
                yield new Change.Outcome.Done(new Entry(remove.key(), null, version, 0), before);
            }
        };
    }

    @Override
    public String call(String event, Value payload) {
        if (event.isBlank()) {
            return "an event has a name";
        }
        tell(new GroupEvent.Called(event, payload, name));
        return "";
    }

    @Override
    public void ask(String question, Value payload, Duration limit, Answers answers) {
        Answerer asked = answerer;
        if (asked != null) {
            asked.asked(question, payload, name, answer -> answers.answer(name, answer));
        }
        answers.ended(List.of());
    }

    @Override
    public void answerWith(Answerer who) {
        answerer = who;
    }

    @Override
    public void forget(String member, Consumer<Forgotten> then) {
        then.accept(Forgotten.UNKNOWN);
    }

    @Override
    public Runnable listen(Consumer<GroupEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            tell(new GroupEvent.Stopping(name));
        }
    }

    private final class View implements StoreView {
        @Override
        public Optional<Entry> get(String key) {
            return Optional.ofNullable(entries.get(key));
        }

        @Override
        public List<Entry> list(String prefix, String after, int limit) {
            return entries.values().stream()
                    .filter(entry -> entry.key().startsWith(prefix))
                    .filter(entry -> entry.key().compareTo(after) > 0)
                    .limit(limit)
                    .toList();
        }

        @Override
        public int size() {
            return entries.size();
        }

        @Override
        public long sizeBytes() {
            return 0;
        }

        @Override
        public int tombstones() {
            return 0;
        }
    }
}
