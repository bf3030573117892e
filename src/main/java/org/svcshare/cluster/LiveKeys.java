package org.svcshare.cluster;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Shows whatever certificate is in use just now, to who asked for a key manager once and for all.
///
/// What is chosen by one call is fetched by the next: in between there may be others, so each name
/// says which one it is from.
final class LiveKeys extends X509ExtendedKeyManager {
    /// @param number of the reading, which no other has
    record Numbered(int number, X509ExtendedKeyManager manager) {}

    private final Supplier<Numbered> now;

    /// The one before: of handshakes that are under way.
    private final Supplier<Numbered> before;

    LiveKeys(Supplier<Numbered> now, Supplier<Numbered> before) {
        this.now = now;
        this.before = before;
    }

    private interface Choice {
        @Nullable String of(X509ExtendedKeyManager manager);
    }

    private @Nullable String choose(Choice choice) {
        Numbered from = now.get();
        String alias = choice.of(from.manager);
        return alias == null ? null : from.number + ":" + alias;
    }

    private String @Nullable [] all(String @Nullable [] aliases, Numbered from) {
        if (aliases == null) {
            return null;
        }
        String[] named = new String[aliases.length];
        for (int i = 0; i < aliases.length; i++) {
            named[i] = from.number + ":" + aliases[i];
        }
        return named;
    }

    private X509ExtendedKeyManager manager(String alias) {
        Numbered old = before.get();
        return alias.startsWith(old.number + ":") ? old.manager : now.get().manager;
    }

    private static String plain(String alias) {
        return alias.substring(alias.indexOf(':') + 1);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        return manager(alias).getCertificateChain(plain(alias));
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        return manager(alias).getPrivateKey(plain(alias));
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
        Numbered from = now.get();
        return all(from.manager.getClientAliases(type, issuers), from);
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
        Numbered from = now.get();
        return all(from.manager.getServerAliases(type, issuers), from);
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose(manager -> manager.chooseClientAlias(types, issuers, socket));
    }

    @Override
    public @Nullable String chooseServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return choose(manager -> manager.chooseServerAlias(type, issuers, socket));
    }

    @Override
    public @Nullable String chooseEngineClientAlias(
            String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose(manager -> manager.chooseEngineClientAlias(types, issuers, engine));
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        return choose(manager -> manager.chooseEngineServerAlias(type, issuers, engine));
    }
}
