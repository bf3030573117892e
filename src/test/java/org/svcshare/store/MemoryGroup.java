package org.svcshare.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Several members in one process, without any network: each has a thread and a store of its own
/// and hands every write to the others. For tests of what stands on [MemberGroup].
public final class MemoryGroup implements AutoCloseable {
    private final CopyOnWriteArrayList<One> members = new CopyOnWriteArrayList<>();

    /// In the order in which they are told; states are as all of them see it.
    private final Map<String, Member> known = new TreeMap<>();

    private final int mostKeys;
    private volatile String trouble = "";
    private int drawn;

    public MemoryGroup() {
        this(Integer.MAX_VALUE);
    }

    /// @param mostKeys further ones are refused
    public MemoryGroup(int mostKeys) {
        this.mostKeys = mostKeys;
    }

    /// What every member has to say about itself from now on.
    public void trouble(String now) {
        trouble = now;
    }

    /// A new member, or one that comes back.
    public synchronized MemberGroup join(String name) {
        Member before = known.get(name);
        String id = before == null ? "%016x".formatted(0xabc0 + ++drawn) : before.id();
        long life = before == null ? 1 : before.incarnation() + 1;
        var member =
                new Member(
                        name,
                        id,
                        life,
                        "127.0.0.1:" + (7000 + drawn),
                        Member.State.ALIVE,
                        Instant.now(),
                        "1.2.3",
                        false);
        known.put(name, member);
        var one = new One(name, id);
        List<Entry> all = members.isEmpty() ? List.of() : members.getFirst().copy();
        members.add(one);
        one.run(() -> all.forEach(one::merge));
        members.stream()
                .filter(other -> other != one)
                .forEach(other -> other.run(() -> other.tell(new GroupEvent.MemberJoined(member))));
        return one;
    }

    /// A member ends without a word.
    public synchronized void kill(String name) {
        gone(name, Member.State.FAILED);
    }

    private synchronized void gone(String name, Member.State state) {
        One one = members.stream().filter(m -> m.name.equals(name)).findFirst().orElse(null);
        Member member = known.get(name);
        if (one == null || member == null || !members.remove(one)) {
            return;
        }
        one.thread.shutdown();
        var now =
                new Member(
                        name,
                        member.id(),
                        member.incarnation(),
                        member.address(),
                        state,
                        Instant.now(),
                        member.version(),
                        false);
        known.put(name, now);
        tell(
                state == Member.State.LEFT
                        ? new GroupEvent.MemberLeft(now)
                        : new GroupEvent.MemberFailed(now));
    }

    private void tell(GroupEvent event) {
        members.forEach(one -> one.run(() -> one.tell(event)));
    }

    private synchronized List<Member> seenBy(String name) {
        return known.values().stream()
                .map(m ->
                        new Member(
                                m.name(),
                                m.id(),
                                m.incarnation(),
                                m.address(),
                                m.state(),
                                m.since(),
                                m.version(),
                                m.name().equals(name)))
                .sorted(Comparator.comparing(Member::self).reversed())
                .toList();
    }

    private synchronized MemberGroup.Forgotten forget(String name) {
        Member member = known.get(name);
        if (member == null) {
            return MemberGroup.Forgotten.UNKNOWN;
        }
        if (member.state() == Member.State.ALIVE) {
            return MemberGroup.Forgotten.ALIVE;
        }
        known.remove(name);
        return MemberGroup.Forgotten.DONE;
    }

    @Override
    public void close() {
        members.forEach(One::close);
    }

    /// One member; its store belongs to its thread.
    private final class One implements MemberGroup {
        private final String name;
        private final String id;
        private final Instant since = Instant.now();
        private final HybridClock clock = new HybridClock(Duration.ofMinutes(1));
        private final TreeMap<String, Entry> entries = new TreeMap<>();
        private final CopyOnWriteArrayList<Consumer<GroupEvent>> listeners =
                new CopyOnWriteArrayList<>();
        private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1);
        private volatile @Nullable Answerer answerer;

        One(String name, String id) {
            this.name = name;
            this.id = id;
            thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }

        /// @return whether it will be done; not when it is closed
        boolean run(Runnable work) {
            try {
                thread.execute(work);
                return true;
            } catch (RejectedExecutionException _) {
                return false;
            }
        }

        void tell(GroupEvent event) {
            listeners.forEach(listener -> listener.accept(event));
        }

        List<Entry> copy() {
            var copied = new CompletableFuture<List<Entry>>();
            run(() -> copied.complete(List.copyOf(entries.values())));
            return copied.orTimeout(10, TimeUnit.SECONDS).join();
        }

        private Optional<Entry> live(String key) {
            return Optional.ofNullable(entries.get(key))
                    .filter(entry -> entry.live(System.currentTimeMillis()));
        }

        /// Whichever is later stands.
        void merge(Entry entry) {
            clock.saw(entry.version().stamp());
            Entry known = entries.get(entry.key());
            if (known != null && known.compareTo(entry) >= 0) {
                return;
            }
            Optional<Entry> before = live(entry.key());
            entries.put(entry.key(), entry);
            if (entry.live(System.currentTimeMillis())) {
                tell(
                        before.isPresent()
                                ? new GroupEvent.KeyChanged(entry, before.get())
                                : new GroupEvent.NewKey(entry));
                if (entry.expiresMs() > 0) {
                    expireAt(entry);
                }
            } else if (before.isPresent()) {
                tell(new GroupEvent.KeyRemoved(before.get(), !entry.tombstone()));
            }
        }

        private void expireAt(Entry entry) {
            var _ =
                    thread.schedule(
                            () -> {
                                if (entry.equals(entries.get(entry.key()))) {
                                    tell(new GroupEvent.KeyRemoved(entry, true));
                                }
                            },
                            Math.max(1, entry.expiresMs() - System.currentTimeMillis() + 1),
                            TimeUnit.MILLISECONDS);
        }

        @Override
        public void change(Change change, Consumer<Change.Outcome> then) {
            run(() -> then.accept(change(change)));
        }

        private Change.Outcome change(Change change) {
            String wrong = Entry.problem(change.key());
            if (!wrong.isEmpty()) {
                return new Change.Outcome.Refused(Change.Refusal.INVALID, wrong);
            }
            Optional<Entry> current = live(change.key());
            boolean holds =
                    switch (change.condition()) {
                        case Change.Condition.Any _ -> true;
                        case Change.Condition.Absent _ -> current.isEmpty();
                        case Change.Condition.Present _ -> current.isPresent();
                        case Change.Condition.At(Version version) ->
                                current.map(e -> e.version().equals(version)).orElse(false);
                    };
            if (!holds) {
                return new Change.Outcome.Conflict(current);
            }
            if (change instanceof Change.Remove && current.isEmpty()) {
                return new Change.Outcome.Missing();
            }
            long nowMs = System.currentTimeMillis();
            var version = new Version(clock.next(nowMs), id);
            Entry entry;
            switch (change) {
                case Change.Put put -> {
                    if (put.value().sizeBytes() > Entry.MAX_VALUE_BYTES) {
                        return new Change.Outcome.Refused(
                                Change.Refusal.INVALID, "the value is too large");
                    }
                    if (current.isEmpty() && view().size() >= mostKeys) {
                        return new Change.Outcome.Refused(Change.Refusal.FULL, "the store is full");
                    }
                    long expiresMs = put.ttl().map(ttl -> nowMs + ttl.toMillis()).orElse(0L);
                    entry = new Entry(put.key(), put.value(), version, expiresMs);
                }
                case Change.Remove remove -> entry = new Entry(remove.key(), null, version, 0);
            }
            merge(entry);
            members.stream()
                    .filter(other -> other != this)
                    .forEach(other -> other.run(() -> other.merge(entry)));
            return new Change.Outcome.Done(entry, current);
        }

        @Override
        public <T> boolean read(Function<StoreView, T> question, Consumer<T> then) {
            return run(() -> then.accept(question.apply(view())));
        }

        private StoreView view() {
            return new StoreView() {
                @Override
                public Optional<Entry> get(String key) {
                    return live(key);
                }

                @Override
                public List<Entry> list(String prefix, String after, int limit) {
                    var from = prefix.compareTo(after) > 0 ? prefix : after;
                    return entries.tailMap(from, true).values().stream()
                            .filter(entry -> after.isEmpty() || entry.key().compareTo(after) > 0)
                            .filter(entry -> entry.key().startsWith(prefix))
                            .filter(entry -> entry.live(System.currentTimeMillis()))
                            .limit(limit)
                            .toList();
                }

                @Override
                public int size() {
                    return (int) entries.keySet().stream().filter(k -> live(k).isPresent()).count();
                }

                @Override
                public long sizeBytes() {
                    return entries.values().stream()
                            .mapToLong(e ->
                                    e.key().length()
                                            + (e.value() == null ? 0L : e.value().sizeBytes()))
                            .sum();
                }

                @Override
                public int tombstones() {
                    return (int) entries.values().stream().filter(Entry::tombstone).count();
                }
            };
        }

        @Override
        public String call(String event, Value payload) {
            if (!fit(event)) {
                return "a name has 1 to 100 characters";
            }
            MemoryGroup.this.tell(new GroupEvent.Called(event, payload, name));
            return "";
        }

        private static boolean fit(String name) {
            return !name.isBlank() && name.length() <= 100;
        }

        @Override
        public void ask(String question, Value payload, Duration limit, Answers answers) {
            if (!fit(question)) {
                throw new IllegalArgumentException("a name has 1 to 100 characters");
            }
            var open = new LinkedHashSet<String>();
            members.forEach(member -> open.add(member.name));
            var asked = new Question(open, answers);
            for (One member : members) {
                member.run(() ->
                        member.asked(
                                question,
                                payload,
                                name,
                                value -> run(() -> asked.answer(member.name, value))));
            }
            var _ = thread.schedule(asked::end, limit.toMillis(), TimeUnit.MILLISECONDS);
        }

        private void asked(String question, Value payload, String from, Consumer<Value> answer) {
            Answerer own = answerer;
            switch (question) {
                case "ping" -> answer.accept(Value.EMPTY);
                case "version" -> answer.accept(Value.text("1.2.3"));
                default -> {
                    if (own != null) {
                        own.asked(question, payload, from, answer);
                    }
                }
            }
        }

        @Override
        public void answerWith(Answerer other) {
            answerer = other;
        }

        @Override
        public List<Member> members() {
            return seenBy(name);
        }

        @Override
        public Status status() {
            Map<String, Long> counts = new HashMap<>();
            counts.put("rounds", 7L);
            return new Status(
                    true,
                    "memory",
                    name,
                    "in one process",
                    since,
                    trouble,
                    Map.of("wrong-group", 2L),
                    counts);
        }

        @Override
        public void forget(String other, Consumer<Forgotten> then) {
            run(() -> then.accept(MemoryGroup.this.forget(other)));
        }

        @Override
        public Runnable listen(Consumer<GroupEvent> listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }

        @Override
        public void close() {
            // After all that was asked of it, which its thread would drop when it is shut down.
            var told = new CompletableFuture<Void>();
            if (run(
                    () -> {
                        tell(new GroupEvent.Stopping(name));
                        told.complete(null);
                    })) {
                told.join();
            }
            gone(name, Member.State.LEFT);
        }
    }

    /// On the asking member's thread.
    private static final class Question {
        private final Set<String> open;
        private final MemberGroup.Answers answers;
        private boolean over;

        Question(Set<String> open, MemberGroup.Answers answers) {
            this.open = open;
            this.answers = answers;
        }

        void answer(String member, Value value) {
            if (!over && open.remove(member)) {
                answers.answer(member, value);
                if (open.isEmpty()) {
                    end();
                }
            }
        }

        void end() {
            if (!over) {
                over = true;
                answers.ended(new ArrayList<>(open));
            }
        }
    }
}
