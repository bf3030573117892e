package org.svcshare.web;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.web.Call.Caller;

/// Which tokens there are. Keeps their digests only, and compares all of them in constant time.
final class Tokens {
    private static final String BEARER = "bearer ";

    private final Map<Caller, byte[]> digests = new LinkedHashMap<>();

    Tokens(List<Token> tokens) {
        for (Token token : tokens) {
            var caller = new Caller(token.name(), token.role());
            digests.put(caller, digest(token.secret().revealBytes()));
        }
    }

    /// Whether everything is allowed without.
    boolean none() {
        return digests.isEmpty();
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
        for (var known : digests.entrySet()) {
            if (MessageDigest.isEqual(known.getValue(), shown)) {
                found = Optional.of(known.getKey());
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
