package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.cluster.Meeting.Verdict;
import org.svcshare.cluster.Question.Reply.Me;
import org.svcshare.cluster.Question.Stage;
import org.svcshare.pool.GroupChange;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class MeetingTest {
    private static final List<ClusterPeer> PEERS =
            List.of(
                    ClusterPeer.at("n1", "10.0.0.1", 7440),
                    ClusterPeer.at("n2", "10.0.0.2", 7440),
                    ClusterPeer.at("n3", "10.0.0.3", 7440));
    private static final ClusterSettings FIRST =
            ClusterSettings.usual(new UUID(1, 2), "n1", PEERS, Path.of("unused"));
    private static final List<Member> ALL = members(PEERS);

    private static List<Member> members(List<ClusterPeer> peers) {
        return peers.stream().map(peer -> new Member(peer, GroupChange.USUAL)).toList();
    }

    private static Me fresh(String node, Stage stage) {
        return new Me(node, stage, GroupChange.USUAL, PEERS, List.of(), -1, false);
    }

    private static Me begun(String node, List<Member> members) {
        return new Me(node, Stage.MEMBER, GroupChange.USUAL, PEERS, members, 5, true);
    }

    private static Verdict verdict(Stage stage, Me... others) {
        var met = new TreeMap<String, Me>();
        for (Me other : others) {
            met.put(other.node(), other);
        }
        return Meeting.verdict(FIRST, stage, met);
    }

    private static void outside(boolean surelyNew, String words, Verdict verdict) {
        Verdict.Outside outside = assertInstanceOf(Verdict.Outside.class, verdict);
        assertEquals(surelyNew, outside.surelyNew(), outside.why());
        assertTrue(outside.why().contains(words), outside.why());
    }

    @Test
    void given_all_are_new_when_all_wrote_it_down_then_it_begins() {
        Me two = fresh("n2", Stage.NEW);
        outside(true, "begins", verdict(Stage.EMPTY, two, fresh("n3", Stage.EMPTY)));
        outside(true, "begins", verdict(Stage.NEW, two, fresh("n3", Stage.EMPTY)));
        outside(true, "begins", verdict(Stage.EMPTY, two, fresh("n3", Stage.NEW)));
        assertEquals(new Verdict.Begin(ALL), verdict(Stage.NEW, two, fresh("n3", Stage.NEW)));
    }

    @Test
    void given_one_does_not_answer_then_nobody_may_say_that_it_is_new() {
        outside(false, "missing: n3", verdict(Stage.EMPTY, fresh("n2", Stage.EMPTY)));
        outside(false, "missing: n2, n3", verdict(Stage.NEW));
    }

    @Test
    void given_the_others_have_begun_when_they_know_this_node_then_only_a_new_one_comes() {
        assertEquals(new Verdict.Lost(), verdict(Stage.EMPTY, begun("n2", ALL)));
        assertEquals(new Verdict.Begin(ALL), verdict(Stage.NEW, begun("n2", ALL)));
        List<Member> fewer = ALL.subList(0, 2);
        assertEquals(new Verdict.Begin(List.of()), verdict(Stage.NEW, begun("n2", fewer)));
    }

    @Test
    void given_the_others_have_begun_without_this_node_then_it_waits_to_be_added() {
        Me two = begun("n2", ALL.subList(1, 3));
        outside(true, "svcshare cluster add n1=10.0.0.1:7440", verdict(Stage.EMPTY, two));
        Me doubtful = new Me("n2", Stage.MEMBER, 14, PEERS, ALL.subList(1, 3), 5, false);
        outside(false, "change", verdict(Stage.EMPTY, doubtful));
    }

    @Test
    void given_a_mistake_in_the_settings_then_it_is_named() {
        Me three = fresh("n3", Stage.NEW);
        Me other = new Me("n2", Stage.NEW, 14, PEERS.subList(0, 2), List.of(), -1, false);
        outside(false, "node n2 has other cluster.peers", verdict(Stage.NEW, other, three));
        outside(
                false,
                "node n2 was in a group before",
                verdict(Stage.NEW, fresh("n2", Stage.REMOVED), three));
        Me stranger = fresh("x", Stage.NEW);
        outside(
                false,
                "at 10.0.0.2:7440 is node x, not n2",
                Meeting.verdict(FIRST, Stage.NEW, Map.of("n2", stranger, "n3", three)));
        Me off2 = new Me("n2", Stage.NEW, GroupChange.OFF, PEERS, List.of(), -1, false);
        Me off3 = new Me("n3", Stage.NEW, GroupChange.OFF, PEERS, List.of(), -1, false);
        outside(false, "cluster.priority", verdict(Stage.NEW, off2, off3));
    }
}
