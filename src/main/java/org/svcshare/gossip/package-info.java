/// Members that find each other from a seed, share a store and take turns:
/// [org.svcshare.store.MemberGroup] and [org.svcshare.channel.PeerChannel] on JGroups.
@NullMarked
package org.svcshare.gossip;

import org.jspecify.annotations.NullMarked;
