package org.svcshare.gossip;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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
    static MemberGroup usual(GossipSettings settings, Consumer<GroupEvent> listener)
            throws IOException {
        String version =
                Optional.ofNullable(Starter.class.getPackage().getImplementationVersion())
                        .orElse("unknown");
        MemberGroup group =
                JGroupsGroup.start(settings, version, InstantSource.system(), new SecureRandom());
        hearAll(group, listener);
        return group;
    }

    /// Listens, and tells of the start as well where that came before: a group says that it is
    /// joined before it tells of it.
    static void hearAll(MemberGroup group, Consumer<GroupEvent> listener) {
        var started = new AtomicBoolean();
        var _ =
                group.listen(event -> {
                    if (!(event instanceof GroupEvent.Started)
                            || started.compareAndSet(false, true)) {
                        listener.accept(event);
                    }
                });
        MemberGroup.Status status = group.status();
        if (status.joined() && started.compareAndSet(false, true)) {
            listener.accept(new GroupEvent.Started(status.name()));
        }
    }
}
