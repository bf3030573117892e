package org.svcshare.web;

import java.util.List;
import java.util.Optional;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.KnownTokens;
import org.svcshare.web.Call.Caller;

/// Who shows which token.
final class Tokens {
    private static final String BEARER = "bearer ";

    private final KnownTokens known;

    Tokens(List<Token> tokens) {
        known = new KnownTokens(tokens);
    }

    /// Whether everything is allowed without.
    boolean none() {
        return known.none();
    }

    /// Who may do everything, where there are no tokens.
    static Caller anybody() {
        return new Caller("", Role.ADMIN);
    }

    /// @param authorization the header `Authorization`
    Optional<Caller> caller(String authorization) {
        return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? known.holder(authorization.substring(BEARER.length()).strip())
                        .map(holder -> new Caller(holder.name(), holder.role()))
                : Optional.empty();
    }
}
