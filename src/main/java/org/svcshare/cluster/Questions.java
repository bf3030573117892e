package org.svcshare.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.svcshare.cluster.Question.Reply;
import org.svcshare.cluster.Question.Stage;
import org.svcshare.engine.Bytes;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupChange.NewNode;
import org.svcshare.pool.GroupRefusal;
import org.svcshare.pool.GroupView;

/// [Question] and its replies as bytes: a number for the kind, then the fields in their order.
final class Questions {
    private static final int WHO = 1;
    private static final int LOOK = 2;
    private static final int CHANGE = 3;
    private static final int WELCOME = 4;
    private static final int FAREWELL = 5;
    private static final int HOW_FAR = 6;

    private static final int ME = 1;
    private static final int SEEN = 2;
    private static final int DONE = 3;
    private static final int WELCOMED = 4;
    private static final int REFUSED = 5;
    private static final int FAR = 6;

    private static final int ADD = 1;
    private static final int REMOVE = 2;
    private static final int REPLACE = 3;
    private static final int TRANSFER = 4;
    private static final int PREFER = 5;

    private static final int MOST_LISTED = 1000;

    private Questions() {}

    static byte[] write(Question question) {
        var to = new Bytes();
        switch (question) {
            case Question.Who() -> to.u8(WHO);
            case Question.Look() -> to.u8(LOOK);
            case Question.Change(GroupChange change, boolean handOn) ->
                    change(change, to.u8(CHANGE).flag(handOn));
            case Question.Welcome(String node) -> to.u8(WELCOME).text(node);
            case Question.Farewell(long index) -> to.u8(FAREWELL).i64(index);
            case Question.HowFar() -> to.u8(HOW_FAR);
        }
        return to.copy();
    }

    /// @throws RuntimeException when the bytes are none of a question
    static Question read(ByteBuffer from) {
        byte kind = from.get();
        return switch (kind) {
            case WHO -> new Question.Who();
            case LOOK -> new Question.Look();
            case CHANGE -> {
                boolean handOn = Bytes.flag(from);
                yield new Question.Change(change(from), handOn);
            }
            case WELCOME -> new Question.Welcome(Bytes.text(from));
            case FAREWELL -> new Question.Farewell(from.getLong());
            case HOW_FAR -> new Question.HowFar();
            default -> throw new IllegalArgumentException("no question: " + kind);
        };
    }

    private static void change(GroupChange change, Bytes to) {
        switch (change) {
            case GroupChange.Add(NewNode node) -> node(node, to.u8(ADD));
            case GroupChange.Remove(String node) -> to.u8(REMOVE).text(node);
            case GroupChange.Replace(String old, NewNode node) ->
                    node(node, to.u8(REPLACE).text(old));
            case GroupChange.Transfer(String node) -> to.u8(TRANSFER).text(node);
            case GroupChange.Prefer(String node, int priority) ->
                    to.u8(PREFER).text(node).i32(priority);
        }
    }

    private static GroupChange change(ByteBuffer from) {
        byte kind = from.get();
        return switch (kind) {
            case ADD -> new GroupChange.Add(node(from));
            case REMOVE -> new GroupChange.Remove(Bytes.text(from));
            case REPLACE -> new GroupChange.Replace(Bytes.text(from), node(from));
            case TRANSFER -> new GroupChange.Transfer(Bytes.text(from));
            case PREFER -> new GroupChange.Prefer(Bytes.text(from), from.getInt());
            default -> throw new IllegalArgumentException("no change: " + kind);
        };
    }

    private static void node(NewNode node, Bytes to) {
        to.text(node.name()).text(node.host()).i32(node.port());
    }

    private static NewNode node(ByteBuffer from) {
        return new NewNode(Bytes.text(from), Bytes.text(from), from.getInt());
    }

    // Replies.

    static byte[] write(Reply reply) {
        var to = new Bytes();
        switch (reply) {
            case Reply.Me me -> {
                // By name: the order of the constants is nobody's promise.
                to.u8(ME).text(me.node()).text(me.stage().name()).i32(me.priority());
                list(me.founders(), to, (peer, bytes) -> new Member(peer, 1).write(bytes));
                list(me.members(), to, Member::write);
                to.i64(me.index()).flag(me.settled());
            }
            case Reply.Seen(GroupView view) -> view(view, to.u8(SEEN));
            case Reply.Far(long term, long index) -> to.u8(FAR).i64(term).i64(index);
            case Reply.Done() -> to.u8(DONE);
            case Reply.Welcomed(int priority) -> to.u8(WELCOMED).i32(priority);
            case Reply.Refused(GroupRefusal refusal, String why) ->
                    to.u8(REFUSED).text(refusal.name()).text(why);
        }
        return to.copy();
    }

    /// @throws RuntimeException when the bytes are none of a reply
    static Reply readReply(ByteBuffer from) {
        byte kind = from.get();
        return switch (kind) {
            case ME ->
                    new Reply.Me(
                            Bytes.text(from),
                            Stage.valueOf(Bytes.text(from)),
                            from.getInt(),
                            list(from, bytes -> Member.read(bytes).peer()),
                            list(from, Member::read),
                            from.getLong(),
                            Bytes.flag(from));
            case SEEN -> new Reply.Seen(view(from));
            case FAR -> new Reply.Far(from.getLong(), from.getLong());
            case DONE -> new Reply.Done();
            case WELCOMED -> new Reply.Welcomed(from.getInt());
            case REFUSED ->
                    new Reply.Refused(GroupRefusal.valueOf(Bytes.text(from)), Bytes.text(from));
            default -> throw new IllegalArgumentException("no reply: " + kind);
        };
    }

    private static void view(GroupView view, Bytes to) {
        to.text(view.name()).text(view.id()).text(view.self()).text(view.leader().orElse(""));
        to.i64(view.term()).flag(view.ready()).text(view.why()).flag(view.fromLeader());
        to.i32(view.waiting()).text(view.changing());
        list(view.nodes(), to, Questions::node);
    }

    private static GroupView view(ByteBuffer from) {
        return new GroupView(
                Bytes.text(from),
                Bytes.text(from),
                Bytes.text(from),
                Optional.of(Bytes.text(from)).filter(leader -> !leader.isEmpty()),
                from.getLong(),
                Bytes.flag(from),
                Bytes.text(from),
                Bytes.flag(from),
                from.getInt(),
                Bytes.text(from),
                list(from, Questions::viewed));
    }

    private static void node(GroupView.Node node, Bytes to) {
        to.text(node.name()).text(node.address()).text(node.handover()).i32(node.priority());
        to.text(node.role().name()).flag(node.reachable());
        for (OptionalLong number :
                List.of(node.heardMs(), node.match(), node.commit(), node.applied(), node.lag())) {
            to.flag(number.isPresent()).i64(number.orElse(0));
        }
    }

    private static GroupView.Node viewed(ByteBuffer from) {
        return new GroupView.Node(
                Bytes.text(from),
                Bytes.text(from),
                Bytes.text(from),
                from.getInt(),
                GroupView.Role.valueOf(Bytes.text(from)),
                Bytes.flag(from),
                number(from),
                number(from),
                number(from),
                number(from),
                number(from));
    }

    private static OptionalLong number(ByteBuffer from) {
        boolean there = Bytes.flag(from);
        long number = from.getLong();
        return there ? OptionalLong.of(number) : OptionalLong.empty();
    }

    private static <T> void list(List<T> all, Bytes to, BiConsumer<T, Bytes> writing) {
        to.i32(all.size());
        all.forEach(each -> writing.accept(each, to));
    }

    private static <T> List<T> list(ByteBuffer from, Function<ByteBuffer, T> reading) {
        int count = from.getInt();
        if (count < 0 || count > MOST_LISTED) {
            throw new IllegalArgumentException("a list of " + count);
        }
        var all = new ArrayList<T>();
        for (int i = 0; i < count; i++) {
            all.add(reading.apply(from));
        }
        return all;
    }
}
