package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.ReplicaSettings.Ldap;

/// Reads the block `replica.control.ldap`.
final class LdapReader {
    private static final int LDAPS_PORT = 636;
    private static final int LDAP_PORT = 389;
    private static final Duration LEAST_TIMEOUT = Duration.ofMillis(100);
    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(1);

    private LdapReader() {}

    static Optional<Ldap> read(Section ldap) {
        boolean tls = ldap.flag("tls");
        Optional<Endpoint> server = ldap.endpoint("server", 1, tls ? LDAPS_PORT : LDAP_PORT);
        Optional<String> base = ldap.text("base");
        Optional<Path> authority = ldap.file("ca");
        Optional<String> user = ldap.text("user-filter");
        Optional<String> group = ldap.text("group-filter");
        List<String> attributes = ldap.texts("attributes");
        Optional<String> dn = ldap.text("bind-dn");
        Optional<Secret> password = ldap.secret("bind-password");
        Duration timeout = ReplicaReader.time(ldap, "timeout", LEAST_TIMEOUT, LONGEST_TIMEOUT);
        ldap.done();
        if (ldap.text("server").isEmpty()) {
            for (String key : List.of("base", "bind-dn")) {
                if (ldap.text(key).isPresent()) {
                    ldap.problem(key, "expected server as well");
                }
            }
            return Optional.empty();
        }
        account(ldap, dn.isPresent(), password.isPresent());
        if (base.isEmpty()) {
            ldap.problem(
                    "base",
                    "expected where people are looked for, for instance"
                            + " \"ou=people,dc=example,dc=net\", found nothing");
        }
        filter(ldap, "user-filter", user.orElse(""));
        group.ifPresent(text -> filter(ldap, "group-filter", text));
        return server.map(at ->
                new Ldap(
                        at,
                        base.orElse(""),
                        tls,
                        authority,
                        user.orElse(""),
                        group.orElse(""),
                        attributes,
                        dn.flatMap(name -> password.map(secret -> new Ldap.Account(name, secret))),
                        timeout));
    }

    /// A bind without a password would be one as nobody (RFC 4513 section 5.1.2).
    private static void account(Section ldap, boolean named, boolean read) {
        boolean said =
                read
                        || ldap.text("bind-password").isPresent()
                        || ldap.text("bind-password-file").isPresent();
        if (named && !said) {
            ldap.problem(
                    "bind-password",
                    "expected the password of bind-dn, here, in bind-password-file or in the"
                            + " environment, found nothing");
        } else if (!named && said) {
            ldap.problem("bind-dn", "expected whose password bind-password is, found nothing");
        }
    }

    private static void filter(Section ldap, String key, String text) {
        if (text.split("%s", -1).length != 2) {
            ldap.problem(
                    key,
                    "expected a filter with one %s for the user's name, for instance (uid=%s),"
                            + " found "
                            + Section.quoted(text));
        }
    }
}
