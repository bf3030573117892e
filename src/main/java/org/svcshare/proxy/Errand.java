package org.svcshare.proxy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodeChange;
import org.svcshare.replica.Reply;

/// What a node of a group brings to the one that leads, what it hears, and how both lie on the way.
sealed interface Errand {
    record Write(WriteRequest request) implements Errand {}

    record Change(NodeChange change) implements Errand {}

    /// What was heard.
    sealed interface Outcome {
        /// As [WriteClient#answered].
        record Answered(WriteClient.Receipt receipt, Reply reply, @Nullable NodeAnswer answer)
                implements Outcome {}

        record Refused(Refusal refusal) implements Outcome {}

        record Changed(NodeChange.Result result) implements Outcome {}
    }

    static byte[] write(Errand errand) {
        return switch (errand) {
            case Write(WriteRequest request) -> RecordCodec.write(request);
            case Change(NodeChange change) -> RecordCodec.anyChange(change);
        };
    }

    /// @throws IllegalArgumentException when it is none
    static Errand read(ByteBuffer from) {
        return switch (RecordCodec.read(from)) {
            case RecordCodec.Entry.Write(WriteRequest request) -> new Write(request);
            case RecordCodec.Entry.Change(NodeChange change) -> new Change(change);
            case RecordCodec.Entry.Note _ ->
                    throw new IllegalArgumentException("notes are the leader's own");
        };
    }

    // Outcomes.

    static byte[] write(Outcome outcome) {
        var out = new FieldsOut(256);
        switch (outcome) {
            case Outcome.Answered answered -> {
                out.u8(1);
                answered(answered, out);
            }
            case Outcome.Refused(Refusal refusal) -> {
                out.u8(2);
                out.i32(refusal.status().code());
                out.text(refusal.title());
                out.text(refusal.detail());
                out.flag(refusal.retryAfter().isPresent());
                refusal.retryAfter().ifPresent(after -> out.i64(after.toMillis()));
            }
            case Outcome.Changed(NodeChange.Result result) -> {
                out.u8(3);
                result(result, out);
            }
        }
        return out.written();
    }

    private static void answered(Outcome.Answered answered, FieldsOut out) {
        out.i64(answered.receipt().position());
        out.text(answered.receipt().id());
        out.flag(answered.receipt().repeated());
        switch (answered.reply()) {
            case Reply.Chosen(NodeAddress from, int status, int agreeing, int asked) -> {
                out.u8(1);
                out.address(from);
                out.i32(status);
                out.i32(agreeing);
                out.i32(asked);
            }
            case Reply.Split(Map<NodeAddress, Integer> statuses) -> {
                out.u8(2);
                statuses(statuses, out);
            }
            case Reply.Later(Map<NodeAddress, Integer> statuses, int asked) -> {
                out.u8(3);
                statuses(statuses, out);
                out.i32(asked);
            }
        }
        NodeAnswer answer = answered.answer();
        out.flag(answer != null);
        if (answer != null) {
            out.i32(answer.status());
            out.headers(answer.headers());
            out.bytes(answer.body());
            out.flag(answer.tooLong());
        }
    }

    private static void statuses(Map<NodeAddress, Integer> statuses, FieldsOut out) {
        out.i32(statuses.size());
        statuses.forEach((node, status) -> {
            out.address(node);
            out.i32(status);
        });
    }

    private static void result(NodeChange.Result result, FieldsOut out) {
        switch (result) {
            case NodeChange.Result.Done(boolean created, List<Node> nodes) -> {
                out.u8(1);
                out.flag(created);
                out.i32(nodes.size());
                nodes.forEach(out::node);
            }
            case NodeChange.Result.NotFound(String what) -> {
                out.u8(2);
                out.text(what);
            }
            case NodeChange.Result.Refused(String why) -> {
                out.u8(3);
                out.text(why);
            }
            case NodeChange.Result.Failed(String why) -> {
                out.u8(4);
                out.text(why);
            }
        }
    }

    /// @throws IllegalArgumentException when it is none
    static Outcome readOutcome(ByteBuffer from) {
        var in = new FieldsIn(from);
        try {
            return switch (in.u8()) {
                case 1 -> answered(in);
                case 2 -> new Outcome.Refused(refusal(in));
                case 3 -> new Outcome.Changed(result(in));
                default -> throw new IllegalArgumentException("an outcome of an unknown kind");
            };
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("an outcome that is too short", e);
        }
    }

    private static Refusal refusal(FieldsIn in) {
        HttpResponseStatus status = HttpResponseStatus.valueOf(in.i32());
        String title = in.text();
        String detail = in.text();
        return new Refusal(
                status,
                title,
                detail,
                in.flag() ? Optional.of(Duration.ofMillis(in.i64())) : Optional.empty());
    }

    private static Outcome.Answered answered(FieldsIn in) {
        var receipt = new WriteClient.Receipt(in.i64(), in.text(), in.flag());
        Reply reply =
                switch (in.u8()) {
                    case 1 -> new Reply.Chosen(in.address(), in.i32(), in.i32(), in.i32());
                    case 2 -> new Reply.Split(statuses(in));
                    case 3 -> new Reply.Later(statuses(in), in.i32());
                    default -> throw new IllegalArgumentException("a reply of an unknown kind");
                };
        NodeAnswer answer =
                in.flag()
                        ? new NodeAnswer(
                                in.i32(),
                                in.headers(),
                                Unpooled.wrappedBuffer(in.bytes()),
                                in.flag())
                        : null;
        return new Outcome.Answered(receipt, reply, answer);
    }

    private static Map<NodeAddress, Integer> statuses(FieldsIn in) {
        var statuses = new LinkedHashMap<NodeAddress, Integer>();
        for (int left = in.i32(); left > 0; left--) {
            NodeAddress node = in.address();
            statuses.put(node, in.i32());
        }
        return statuses;
    }

    private static NodeChange.Result result(FieldsIn in) {
        return switch (in.u8()) {
            case 1 -> {
                boolean created = in.flag();
                var nodes = new ArrayList<Node>();
                for (int left = in.i32(); left > 0; left--) {
                    nodes.add(in.node());
                }
                yield new NodeChange.Result.Done(created, nodes);
            }
            case 2 -> new NodeChange.Result.NotFound(in.text());
            case 3 -> new NodeChange.Result.Refused(in.text());
            case 4 -> new NodeChange.Result.Failed(in.text());
            default -> throw new IllegalArgumentException("a result of an unknown kind");
        };
    }
}
