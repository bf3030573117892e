package org.svcshare.gossip;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.svcshare.config.GossipSettings;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.MemberGroup;

/// Makes this program a member of a group; may block.
interface Starter {
    /// @param listener hears everything, from [GroupEvent.Started] on
    /// @throws IOException when it cannot, such as when the port is taken; the message is for
    ///   people
    MemberGroup start(GossipSettings settings, Consumer<GroupEvent> listener) throws IOException;

    /// On JGroups, by the system's clock.
    static MemberGroup usual(GossipSettings settings, Consumer<GroupEvent> listener)
            throws IOException {
        return JGroupsGroup.start(
                settings, "", InstantSource.system(), new SecureRandom(), listener);
    }
}
