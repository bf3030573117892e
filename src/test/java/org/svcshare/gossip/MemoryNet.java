package org.svcshare.gossip;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.Change;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.StoreView;
import org.svcshare.store.Value;

/// A group of members in one process, without a network: each has a thread of its own, on which it
/// hears of the others in order.
final class MemoryNet implements AutoCloseable {
    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private long incarnations;

    /// A member starts, and all hear of it.
    synchronized Node start(String name) {
        nodes.remove(name);
        var node = new Node(name, ++incarnations);
        List<Node> others = List.copyOf(nodes.values());
        nodes.put(name, node);
        node.tell(new GroupEvent.Started(name));
        for (Node other : others) {
            other.tell(new GroupEvent.MemberJoined(other.sees(node)));
            node.tell(new GroupEvent.MemberJoined(node.sees(other)));
        }
        return node;
    }

    /// A member is not heard of any more.
    synchronized void kill(String name) {
        Node gone = nodes.remove(name);
        if (gone != null) {
            gone.thread.shutdownNow();
            nodes.values().forEach(node -> node.tell(new GroupEvent.MemberFailed(node.sees(gone))));
        }
    }

    private synchronized List<Node> all() {
        return List.copyOf(nodes.values());
    }

    private synchronized @Nullable Node node(String name) {
        return nodes.get(name);
    }

    @Override
    public synchronized void close() {
        nodes.values().forEach(node -> node.thread.shutdownNow());
        nodes.clear();
    }

    final class Node implements MemberGroup, Talk {
        private final String name;
        private final long incarnation;
        private final ExecutorService thread =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        private final List<Consumer<GroupEvent>> listeners = new CopyOnWriteArrayList<>();
        private final List<Ear> ears = new CopyOnWriteArrayList<>();
        final List<String> overheard = new CopyOnWriteArrayList<>();
        private volatile @Nullable Answerer answerer;
        volatile boolean joined = true;

        private Node(String name, long incarnation) {
            this.name = name;
            this.incarnation = incarnation;
        }

        private Member sees(Node other) {
            return new Member(
                    other.name,
                    "%016x".formatted(Integer.toUnsignedLong(other.name.hashCode())),
                    other.incarnation,
                    "127.0.0.1:1",
                    Member.State.ALIVE,
                    Instant.EPOCH,
                    "test",
                    other == this);
        }

        private void run(Runnable work) {
            try {
                thread.execute(work);
            } catch (RejectedExecutionException _) {
                // It was killed.
            }
        }

        void tell(GroupEvent event) {
            run(() -> listeners.forEach(listener -> listener.accept(event)));
        }

        @Override
        public void say(@Nullable String to, String text) {
            for (Node other : all()) {
                if (other != this && (to == null || other.name.equals(to))) {
                    other.run(() -> {
                        other.overheard.add(text);
                        other.ears.forEach(ear -> ear.heard(name, to != null, text));
                    });
                }
            }
        }

        @Override
        public Runnable hear(Ear ear) {
            ears.add(ear);
            return () -> ears.remove(ear);
        }

        @Override
        public List<Member> members() {
            var members = new ArrayList<Member>();
            members.add(sees(this));
            all().stream().filter(node -> node != this).map(this::sees).forEach(members::add);
            return members;
        }

        @Override
        public Status status() {
            return new Status(
                    joined, "test", name, "memory", Instant.EPOCH, "", Map.of(), Map.of());
        }

        @Override
        public <T> boolean read(Function<StoreView, T> question, Consumer<T> then) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void change(Change change, Consumer<Change.Outcome> then) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String call(String called, Value payload) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void ask(String question, Value payload, Duration limit, Answers answers) {
            for (Node other : all()) {
                other.run(() -> {
                    Answerer asked = other.answerer;
                    if (asked != null) {
                        asked.asked(
                                question,
                                payload,
                                name,
                                answer -> answers.answer(other.name, answer));
                    }
                });
            }
        }

        @Override
        public void answerWith(Answerer asked) {
            answerer = asked;
        }

        @Override
        public void forget(String who, Consumer<Forgotten> then) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Runnable listen(Consumer<GroupEvent> listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }

        @Override
        public void close() {
            kill(name);
        }

        /// As if it had been cut off and found again by `other`.
        void lostSight(String other) {
            Node there = node(other);
            if (there != null) {
                tell(new GroupEvent.MemberFailed(sees(there)));
                tell(new GroupEvent.MemberJoined(sees(there)));
            }
        }
    }
}
