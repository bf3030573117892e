package org.svcshare.gossip;

import java.io.IOException;
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

    /// As a process does it.
    @SuppressWarnings("DoNotCallSuggester") // until there is one
    static MemberGroup usual(GossipSettings settings, Consumer<GroupEvent> listener)
            throws IOException {
        throw new IOException("there is no carriage for " + settings.group() + " here");
    }
}
