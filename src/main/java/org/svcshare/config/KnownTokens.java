package org.svcshare.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;

/// The tokens that the settings name (`http.tokens`), to hold what somebody shows against. Keeps
/// their digests only.
public final class KnownTokens {
    private final Map<Holder, byte[]> digests = new LinkedHashMap<>();

    /// @param name of the token
    public record Holder(String name, Role role) {}

    public KnownTokens(List<Token> tokens) {
        for (Token token : tokens) {
            digests.put(
                    new Holder(token.name(), token.role()), digest(token.secret().revealBytes()));
        }
    }

    public boolean none() {
        return digests.isEmpty();
    }

    /// Whose token it is; looks at all of them, so that the time tells nothing.
    public Optional<Holder> holder(String shown) {
        byte[] digest = digest(shown.getBytes(StandardCharsets.UTF_8));
        Optional<Holder> found = Optional.empty();
        for (var known : digests.entrySet()) {
            if (MessageDigest.isEqual(known.getValue(), digest)) {
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
