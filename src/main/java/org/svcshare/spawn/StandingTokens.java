package org.svcshare.spawn;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;

/// Tokens that the settings name (`http.tokens`), for programs that do not log in. Keeps their
/// digests only.
final class StandingTokens {
    private final Map<String, Role> roles = new LinkedHashMap<>();
    private final Map<String, byte[]> digests = new LinkedHashMap<>();

    StandingTokens(List<Token> tokens) {
        for (Token token : tokens) {
            roles.put(token.name(), token.role());
            digests.put(token.name(), digest(token.secret().revealBytes()));
        }
    }

    boolean none() {
        return digests.isEmpty();
    }

    /// What a token allows; looks at all of them, so that the time tells nothing.
    Optional<Role> role(String shown) {
        byte[] digest = digest(shown.getBytes(StandardCharsets.UTF_8));
        Optional<Role> found = Optional.empty();
        for (var known : digests.entrySet()) {
            if (MessageDigest.isEqual(known.getValue(), digest)) {
                found = Optional.ofNullable(roles.get(known.getKey()));
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
