package org.svcshare.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.KnownTokens.Holder;

/// Whose token it is that somebody shows.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class KnownTokensTest {
    private final KnownTokens tokens =
            new KnownTokens(
                    List.of(
                            new Token("boss", Role.ADMIN, new Secret("boss-boss-boss")),
                            new Token("eye", Role.READ, new Secret("eye-éé-eye"))));

    @Test
    void given_a_token_of_the_settings_when_shown_then_its_holder_is_found() {
        assertEquals(Optional.of(new Holder("boss", Role.ADMIN)), tokens.holder("boss-boss-boss"));
        assertEquals(Optional.of(new Holder("eye", Role.READ)), tokens.holder("eye-éé-eye"));
        assertFalse(tokens.none());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "boss", "boss-boss-bos", "boss-boss-boss ", "BOSS-BOSS-BOSS"})
    void given_something_else_when_shown_then_it_is_nobodys(String shown) {
        assertEquals(Optional.empty(), tokens.holder(shown));
    }

    @Test
    void given_no_tokens_when_one_is_shown_then_it_is_nobodys() {
        var none = new KnownTokens(List.of());

        assertTrue(none.none());
        assertEquals(Optional.empty(), none.holder(""));
    }
}
