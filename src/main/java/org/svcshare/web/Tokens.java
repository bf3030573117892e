package org.svcshare.web;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.web.Call.Caller;

/// Which tokens there are. Keeps their digests only, and compares all of them in constant time.
final class Tokens {
    private static final String BEARER = "bearer ";

    private final List<Known> known;

    private record Known(byte[] digest, Caller caller) {}

    Tokens(List<Token> tokens) {
        known =
                tokens.stream()
                        .map(token ->
                                new Known(
                                        digest(token.secret().revealBytes()),
                                        new Caller(token.name(), token.role())))
                        .toList();
    }

    /// Whether everything is allowed without.
    boolean none() {
        return known.isEmpty();
    }

    /// Who may do everything, where there are no tokens.
    static Caller anybody() {
        return new Caller("", Role.ADMIN);
    }

    /// @param authorization the header `Authorization`
    Optional<Caller> caller(String authorization) {
        if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.empty();
        }
        byte[] shown =
                digest(
                        authorization
                                .substring(BEARER.length())
                                .strip()
                                .getBytes(StandardCharsets.UTF_8));
        Optional<Caller> found = Optional.empty();
        for (Known each : known) {
            if (MessageDigest.isEqual(each.digest, shown)) {
                found = Optional.of(each.caller);
            }
        }
        return found;
    }

    private static byte[] digest(byte[] token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
