package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.svcshare.cluster.Question.Reply;
import org.svcshare.cluster.Question.Stage;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupChange.NewNode;
import org.svcshare.pool.GroupRefusal;
import org.svcshare.pool.GroupView;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class QuestionsTest {
    private static final NewNode NEW = new NewNode("n4", "10.0.0.4", 7440);

    static List<Question> questions() {
        return List.of(
                new Question.Who(),
                new Question.Look(),
                new Question.HowFar(),
                new Question.Change(new GroupChange.Add(NEW), true),
                new Question.Change(new GroupChange.Remove("n1"), false),
                new Question.Change(new GroupChange.Replace("n1", NEW), true),
                new Question.Change(new GroupChange.Transfer("n1"), true),
                new Question.Change(new GroupChange.Prefer("n1", GroupChange.OFF), true),
                new Question.Welcome("n4"),
                new Question.Farewell(4711));
    }

    @ParameterizedTest
    @MethodSource("questions")
    void given_a_question_when_written_then_it_is_read_as_it_was(Question question) {
        assertEquals(question, Questions.read(ByteBuffer.wrap(Questions.write(question))));
    }

    static List<Reply> replies() {
        ClusterPeer peer = ClusterPeer.at("n1", "10.0.0.1", 7440);
        var node =
                new GroupView.Node(
                        "n1",
                        "10.0.0.1:7440",
                        "10.0.0.1:7441",
                        14,
                        GroupView.Role.LEADER,
                        true,
                        OptionalLong.of(0),
                        OptionalLong.of(12),
                        OptionalLong.empty(),
                        OptionalLong.of(11),
                        OptionalLong.empty());
        var view =
                new GroupView(
                        "svcshare",
                        "id",
                        "n1",
                        Optional.of("n1"),
                        3,
                        false,
                        "because",
                        true,
                        5,
                        "add n4",
                        List.of(node));
        return List.of(
                new Reply.Me("n1", Stage.EMPTY, 14, List.of(), List.of(), -1, false),
                new Reply.Me(
                        "n1",
                        Stage.MEMBER,
                        GroupChange.OFF,
                        List.of(peer),
                        List.of(new Member(peer, GroupChange.OFF)),
                        7,
                        true),
                new Reply.Seen(view),
                new Reply.Far(4, 1_234),
                new Reply.Done(),
                new Reply.Welcomed(3),
                new Reply.Refused(GroupRefusal.NOT_NEW, "why"));
    }

    @ParameterizedTest
    @MethodSource("replies")
    void given_a_reply_when_written_then_it_is_read_as_it_was(Reply reply) {
        assertEquals(reply, Questions.readReply(ByteBuffer.wrap(Questions.write(reply))));
    }

    @Test
    void given_nonsense_when_read_then_it_is_refused() {
        assertThrows(
                RuntimeException.class, () -> Questions.read(ByteBuffer.wrap(new byte[] {99})));
        assertThrows(
                RuntimeException.class,
                () -> Questions.readReply(ByteBuffer.wrap(new byte[] {1, 0, 1})));
        var endless = ByteBuffer.allocate(64).put((byte) 1).putShort((short) 0);
        assertThrows(RuntimeException.class, () -> Questions.readReply(endless.rewind()));
    }
}
