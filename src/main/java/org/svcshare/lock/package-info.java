/// The client of the pools' HTTP API: takes, renews and gives back locks of one or several servers.
@NullMarked
package org.svcshare.lock;

import org.jspecify.annotations.NullMarked;
