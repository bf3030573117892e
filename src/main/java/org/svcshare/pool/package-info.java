/// Who holds which lock: pools, slots, tickets in order, leases, fencing tokens. Pure: operations
/// and time come in, outcomes and effects go out.
@NullMarked
package org.svcshare.pool;

import org.jspecify.annotations.NullMarked;
