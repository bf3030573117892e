/// [org.svcshare.channel.PeerChannel] on PircBotX; chat commands, who may give them, flood control.
@NullMarked
package org.svcshare.irc;

import org.jspecify.annotations.NullMarked;
