package org.svcshare.gossip;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.svcshare.store.MemberGroup.Answerer;
import org.svcshare.store.Value;

/// Who answers questions at this member. Any thread.
final class Answering {
    private final String version;
    private final List<Answerer> answerers = new CopyOnWriteArrayList<>();

    /// @param version of the program, which anybody may ask for
    Answering(String version) {
        this.version = version;
    }

    void add(Answerer answerer) {
        answerers.add(answerer);
    }

    /// @param then gets the first answer, cut to what can travel; perhaps never
    void asked(String name, Value payload, String from, Consumer<Value> then) {
        var answer = new Once(then);
        switch (name) {
            case "ping" -> answer.accept(Value.text("pong"));
            case "version" -> answer.accept(Value.text(version));
            default -> {
                for (Answerer answerer : answerers) {
                    answerer.asked(name, payload, from, answer);
                }
            }
        }
    }

    private static final class Once implements Consumer<Value> {
        private final AtomicBoolean given = new AtomicBoolean();
        private final Consumer<Value> then;

        Once(Consumer<Value> then) {
            this.then = then;
        }

        @Override
        public void accept(Value value) {
            if (given.compareAndSet(false, true)) {
                then.accept(
                        value.sizeBytes() <= Frame.MAX_PAYLOAD_BYTES
                                ? value
                                : Value.of(Arrays.copyOf(value.bytes(), Frame.MAX_PAYLOAD_BYTES)));
            }
        }
    }
}
