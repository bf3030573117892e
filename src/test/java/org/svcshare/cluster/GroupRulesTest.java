package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupRefusal;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class GroupRulesTest {
    private static final Set<String> ALL = Set.of("a", "b", "c", "d", "e");

    private static Member member(String name, int port, int priority) {
        return new Member(ClusterPeer.at(name, "10.0.0.1", port), priority);
    }

    private static Member member(String name, int priority) {
        return member(name, 7000 + 10 * name.charAt(0), priority);
    }

    private static GroupRules group(Member... members) {
        return new GroupRules(List.of(members));
    }

    private static GroupRules usual(String... names) {
        return new GroupRules(
                List.of(names).stream().map(name -> member(name, GroupChange.USUAL)).toList());
    }

    private static List<String> names(List<Member> members) {
        return members.stream().map(Member::id).toList();
    }

    private static void refused(GroupRefusal expected, Executable change) {
        GroupException no = assertThrows(GroupException.class, change);
        assertEquals(expected, no.refusal(), no.why());
    }

    @Test
    void given_a_new_node_when_added_then_name_and_address_have_to_be_free() throws Exception {
        GroupRules group = usual("a", "b");
        assertEquals(List.of("a", "b", "c"), names(group.add(member("c", 14))));
        refused(GroupRefusal.NODE_EXISTS, () -> group.add(member("a", 1, 14)));
        Member a = group.members().getFirst();
        refused(GroupRefusal.NODE_EXISTS, () -> group.add(member("c", a.peer().raftPort(), 14)));
        refused(
                GroupRefusal.NODE_EXISTS,
                () -> group.add(member("c", a.peer().handoverPort(), 14)));
    }

    @Test
    void given_fifteen_nodes_when_another_comes_then_it_is_one_too_many() {
        String[] names = "a b c d e f g h i j k l m n o".split(" ");
        refused(GroupRefusal.TOO_MANY_NODES, () -> usual(names).add(member("p", 14)));
    }

    @Test
    void given_a_node_when_removed_then_a_majority_of_the_rest_has_to_be_there() throws Exception {
        assertEquals(List.of("b"), names(usual("a", "b").remove("a", ALL)));
        refused(GroupRefusal.LAST_NODE, () -> usual("a").remove("a", ALL));
        refused(GroupRefusal.UNKNOWN_NODE, () -> usual("a", "b").remove("x", ALL));
        refused(GroupRefusal.NO_MAJORITY, () -> usual("a", "b", "c").remove("b", Set.of("a", "b")));
        assertEquals(List.of("a", "b"), names(usual("a", "b", "c").remove("c", Set.of("a", "b"))));
    }

    @Test
    void given_a_node_when_replaced_then_the_new_one_may_stand_at_its_place() throws Exception {
        GroupRules group = usual("a", "b", "c");
        Member a = group.member("a");
        Member there = member("d", a.peer().raftPort(), 14);
        assertEquals(List.of("b", "c", "d"), names(group.replace("a", there, ALL)));
        refused(GroupRefusal.NODE_EXISTS, () -> group.replace("b", there, ALL));
        refused(GroupRefusal.NODE_EXISTS, () -> group.replace("a", member("a", 1, 14), ALL));
        refused(GroupRefusal.UNKNOWN_NODE, () -> group.replace("x", there, ALL));
    }

    @Test
    void given_priorities_when_set_then_no_more_than_half_are_off() throws Exception {
        int off = GroupChange.OFF;
        assertTrue(usual("a", "b", "c").prefer("a", off).getFirst().off());
        GroupRules one = group(member("a", off), member("b", 14), member("c", 14));
        refused(GroupRefusal.TOO_MANY_OFF, () -> one.prefer("b", off));
        refused(GroupRefusal.TOO_MANY_OFF, () -> usual("a").prefer("a", off));
        GroupRules two = group(member("a", off), member("b", off), member("c", 3), member("d", 3));
        refused(GroupRefusal.TOO_MANY_OFF, () -> two.remove("c", ALL));
        refused(GroupRefusal.UNKNOWN_NODE, () -> two.prefer("x", 3));
    }

    @Test
    void given_a_wish_who_leads_when_others_come_first_then_it_is_refused() throws Exception {
        GroupRules group = group(member("a", 3), member("b", 3), member("c", 14), member("d", 15));
        group.transfer("b", ALL);
        refused(GroupRefusal.NOT_FIRST, () -> group.transfer("c", ALL));
        refused(GroupRefusal.NOT_FIRST, () -> group.transfer("d", ALL));
        refused(GroupRefusal.NOT_REACHED, () -> group.transfer("b", Set.of("a")));
        refused(GroupRefusal.UNKNOWN_NODE, () -> group.transfer("x", ALL));
    }
}
