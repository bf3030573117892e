package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Amounts;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;

/// Calling something out to all members, and asking all of them.
final class Callouts {
    static final int MOST_PAYLOAD_BYTES = 16 * 1024;

    private static final int NAME = 3;

    /// What a stream of answers may have unread: those of 200 members, which come at once.
    private static final int MOST_ANSWER_BYTES = 8 << 20;

    private static final Duration USUAL = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final Loop loop;

    Callouts(Loop loop) {
        this.loop = loop;
    }

    /// What is called or asked.
    private record Said(MemberGroup group, String name, Value payload) {}

    /// @return null when it was answered
    private static @Nullable Said said(Call call) {
        MemberGroup group = KeyAnswers.group(call);
        if (group == null) {
            return null;
        }
        Optional<String> name = call.segment(NAME);
        if (name.isEmpty()) {
            call.problem(Problem.INVALID, "name: expected percent-encoded UTF-8");
            return null;
        }
        if (call.body().length() > MOST_PAYLOAD_BYTES) {
            call.problem(
                    Problem.TOO_LARGE,
                    "what all members are told has at most " + MOST_PAYLOAD_BYTES + " bytes");
            return null;
        }
        return new Said(group, name.get(), Value.of(call.body().getBytes()));
    }

    /// POST /api/v1/events/{name}
    void call(Call call) {
        Said said = said(call);
        if (said == null) {
            return;
        }
        String wrong = said.group.call(said.name, said.payload);
        if (wrong.isEmpty()) {
            call.answerNothing();
        } else {
            call.problem(Problem.INVALID, wrong);
        }
    }

    /// POST /api/v1/queries/{name}
    void ask(Call call) {
        Said said = said(call);
        if (said == null) {
            return;
        }
        Percent.Parameter asked = call.parameter("timeout");
        Optional<Duration> limit =
                asked.given() ? asked.text().flatMap(Amounts::duration) : Optional.of(USUAL);
        if (limit.isEmpty() || !limit.get().isPositive() || limit.get().compareTo(LONGEST) > 0) {
            call.problem(
                    Problem.INVALID,
                    "timeout: expected a duration of at most 1m, for instance 5s or 500ms");
            return;
        }
        var posted = new Posted();
        try {
            said.group.ask(said.name, said.payload, limit.get(), posted);
        } catch (IllegalArgumentException e) {
            call.problem(Problem.INVALID, String.valueOf(e.getMessage()));
            return;
        }
        // Nothing of it reaches the loop before this has returned.
        if (call.accepts(Call.EVENT_STREAM)) {
            call.stream(MOST_ANSWER_BYTES)
                    .map(Streamed::new)
                    .ifPresent(stream -> posted.to = stream);
        } else {
            posted.to = new Gathered(call);
        }
        call.whenGone(() -> {
            if (posted.to != null) {
                posted.to.gone();
            }
        });
    }

    private record Answered(String member, Value payload, long afterMs) {
        Json write(Json json) {
            json.raw("\"member\":").text(member);
            return KeyJson.value(json, "payload", payload).raw(",\"afterMs\":").number(afterMs);
        }
    }

    private static Json silent(Json json, List<String> silent) {
        json.raw("\"silent\":[");
        for (int i = 0; i < silent.size(); i++) {
            json.raw(i == 0 ? "" : ",").text(silent.get(i));
        }
        return json.raw("]");
    }

    /// One way to tell the answers; on the loop.
    private interface Answering {
        void answer(Answered answered);

        void ended(List<String> silent);

        /// Nobody wants them any more.
        void gone();
    }

    /// From the group's thread to the loop.
    private final class Posted implements MemberGroup.Answers {
        private final long begunNanos = System.nanoTime();

        /// Only on the loop.
        private @Nullable Answering to;

        @Override
        public void answer(String member, Value payload) {
            long afterMs = (System.nanoTime() - begunNanos) / 1_000_000;
            var answered = new Answered(member, payload, afterMs);
            loop.mailbox.post(() -> {
                if (to != null) {
                    to.answer(answered);
                }
            });
        }

        @Override
        public void ended(List<String> silent) {
            List<String> names = List.copyOf(silent);
            loop.mailbox.post(() -> {
                if (to != null) {
                    to.ended(names);
                }
            });
        }
    }

    /// All together when all are there.
    private static final class Gathered implements Answering {
        private final Call call;
        private final List<Answered> answers = new ArrayList<>();

        Gathered(Call call) {
            this.call = call;
        }

        @Override
        public void answer(Answered answered) {
            if (!call.gone()) {
                answers.add(answered);
            }
        }

        @Override
        public void ended(List<String> silent) {
            Json json = new Json().begin().raw("{\"answers\":[");
            for (int i = 0; i < answers.size(); i++) {
                answers.get(i).write(json.raw(i == 0 ? "{" : ",{")).raw("}");
            }
            call.answer(200, silent(json.raw("],"), silent).raw("}"));
        }

        @Override
        public void gone() {
            answers.clear();
        }
    }

    /// Each when it comes.
    private final class Streamed implements Answering {
        private final EventStream stream;

        Streamed(EventStream stream) {
            this.stream = stream;
        }

        @Override
        public void answer(Answered answered) {
            Json json = loop.json.begin().raw("event: answer\ndata: {");
            send(answered.write(json));
        }

        @Override
        public void ended(List<String> silent) {
            send(silent(loop.json.begin().raw("event: ended\ndata: {"), silent));
            stream.end();
        }

        private void send(Json json) {
            Buffer event = json.raw("}\n\n").done();
            stream.send(event);
        }

        @Override
        public void gone() {
            stream.lost();
        }
    }
}
