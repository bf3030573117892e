/// What bots talk over: [org.svcshare.channel.PeerChannel], the codec of the peer messages,
/// signatures.
@NullMarked
package org.svcshare.channel;

import org.jspecify.annotations.NullMarked;
