package org.svcshare.spawn;

import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchScope;
import java.io.IOException;
import java.util.Optional;
import org.svcshare.config.ReplicaSettings.Ldap;

/// Asks a directory once, as a login does, whether people could be looked for there.
public final class DirectoryProbe {
    private DirectoryProbe() {}

    /// Blocks as long as a login may at most.
    ///
    /// @return what is wrong, for people; empty when it is well
    /// @throws IOException when settings cannot be used; the message is for people
    public static Optional<String> ask(Ldap settings) throws IOException {
        LdapPeople.check(settings);
        var directory = new Directory(settings);
        try (Directory.Session session = directory.open()) {
            boolean seen =
                    !session.search(
                                    settings.base(),
                                    SearchScope.BASE,
                                    Filter.createPresenceFilter("objectClass"),
                                    1,
                                    SearchRequest.NO_ATTRIBUTES)
                            .isEmpty();
            return seen
                    ? Optional.empty()
                    : Optional.of(
                            "%s: there is no %s, or it may not be seen%s"
                                    .formatted(
                                            settings.server(),
                                            settings.base(),
                                            settings.account().isPresent()
                                                    ? " by replica.control.ldap.bind-dn"
                                                    : " without replica.control.ldap.bind-dn"));
        } catch (Directory.Trouble e) {
            return Optional.of(e.why());
        }
    }
}
