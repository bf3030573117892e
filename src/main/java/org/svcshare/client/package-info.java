/// The controlled client programs, one file each, one contract.
@NullMarked
package org.svcshare.client;

import org.jspecify.annotations.NullMarked;
