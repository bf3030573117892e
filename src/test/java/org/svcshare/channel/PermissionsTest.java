package org.svcshare.channel;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.config.CommandSettings;
import org.svcshare.turn.Casemapping;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PermissionsTest {

    @Test
    void given_no_rules_then_anyone_may_all_but_enqueue_which_is_the_owners() {
        var permissions = permissions(List.of(), Map.of());

        assertTrue(allows(permissions, person("eve", null), CommandWord.FORCE));
        assertFalse(allows(permissions, person("eve", null), CommandWord.ENQUEUE));
        assertTrue(allows(permissions, person("ANNA", null), CommandWord.ENQUEUE));
    }

    @Test
    void given_no_rules_then_only_operators_and_the_owner_take_locks_away() {
        var permissions = permissions(List.of(), Map.of());
        var op = new Permissions.Person("oda", "oda!o@host", null, true, true);

        assertTrue(allows(permissions, person("eve", null), CommandWord.LOCK));
        assertTrue(allows(permissions, person("eve", null), CommandWord.UNLOCK));
        assertFalse(allows(permissions, person("eve", null), CommandWord.UNLOCK_OTHERS));
        assertTrue(allows(permissions, op, CommandWord.UNLOCK_OTHERS));
        assertTrue(allows(permissions, person("anna", null), CommandWord.UNLOCK_OTHERS));
    }

    @Test
    void given_no_rules_then_anyone_looks_at_the_group_and_operators_and_the_owner_set_keys() {
        var permissions = permissions(List.of(), Map.of());
        var op = new Permissions.Person("oda", "oda!o@host", null, true, true);

        assertTrue(allows(permissions, person("eve", null), CommandWord.MEMBERS));
        assertTrue(allows(permissions, person("eve", null), CommandWord.KV));
        assertFalse(allows(permissions, person("eve", null), CommandWord.KV_PUT));
        assertTrue(allows(permissions, op, CommandWord.KV_PUT));
        assertTrue(allows(permissions, person("anna", null), CommandWord.KV_PUT));
    }

    @Test
    void given_no_rules_then_anyone_looks_at_the_nodes_and_operators_and_the_owner_change_them() {
        var permissions = permissions(List.of(), Map.of());
        var op = new Permissions.Person("oda", "oda!o@host", null, true, true);

        assertTrue(allows(permissions, person("eve", null), CommandWord.NODES));
        assertFalse(allows(permissions, person("eve", null), CommandWord.MAINTENANCE));
        assertTrue(allows(permissions, op, CommandWord.MAINTENANCE));
        assertTrue(allows(permissions, person("anna", null), CommandWord.MAINTENANCE));
    }

    @Test
    void D11_given_an_owners_account_then_the_nick_alone_proves_nothing() {
        var permissions = permissions(List.of("account:Anna", "host:*!*@home.example"), Map.of());

        assertFalse(allows(permissions, person("anna", null), CommandWord.ENQUEUE));
        assertFalse(allows(permissions, person("anna", "eve"), CommandWord.ENQUEUE));
        assertTrue(allows(permissions, person("guest", "anna"), CommandWord.ENQUEUE));
        assertTrue(
                allows(
                        permissions,
                        new Permissions.Person("x", "x!y@home.example", null, false, false),
                        CommandWord.ENQUEUE));
    }

    @Test
    void given_ranks_and_several_rules_then_any_of_them_lets_in() {
        var permissions =
                permissions(
                        List.of(),
                        Map.of(
                                "force", List.of("op", "account:ben"),
                                "resume", List.of("voice"),
                                "halt", List.of(),
                                "pause", List.of("nonsense")));
        var op = new Permissions.Person("o", "o!o@h", null, true, true);
        var voice = new Permissions.Person("v", "v!v@h", null, true, false);

        assertTrue(allows(permissions, op, CommandWord.FORCE));
        assertTrue(allows(permissions, person("x", "ben"), CommandWord.FORCE));
        assertFalse(allows(permissions, voice, CommandWord.FORCE));
        assertTrue(allows(permissions, voice, CommandWord.ELECTION));
        assertFalse(allows(permissions, person("x", null), CommandWord.ELECTION));
        assertFalse(allows(permissions, op, CommandWord.HALT));
        assertFalse(allows(permissions, op, CommandWord.PAUSE));
    }

    @ParameterizedTest
    @CsvSource({
        "*, anything, true",
        "a*c, abc, true",
        "a*c, abd, false",
        "*!*@*.example, a!b@c.example, true",
        "*!*@*.example, a!b@c.example.org, false",
        "a?c, abc, true",
        "a?c, ac, false",
        "'', '', true",
        "'', a, false",
        "**a, ba, true"
    })
    void given_a_mask_then_stars_and_question_marks_fit(String mask, String text, boolean fits) {
        assertTrue(Permissions.fits(mask, text) == fits);
    }

    @Test
    void given_a_mask_of_many_stars_then_it_is_still_quick() {
        assertTimeoutPreemptively(
                Duration.ofSeconds(2),
                () -> assertFalse(Permissions.fits("*a".repeat(50) + "b", "a".repeat(500))));
    }

    private static Permissions permissions(List<String> owners, Map<String, List<String>> allow) {
        return new Permissions(new CommandSettings("anna", owners, allow));
    }

    private static boolean allows(
            Permissions permissions, Permissions.Person person, CommandWord word) {
        return permissions.allows(person, word, Casemapping.RFC1459);
    }

    private static Permissions.Person person(String nick, @Nullable String account) {
        return new Permissions.Person(nick, nick + "!u@evil.host", account, false, false);
    }
}
