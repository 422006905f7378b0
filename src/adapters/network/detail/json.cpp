// SPDX-License-Identifier: Apache-2.0

// Boost.JSON's definitions, once.
#include <boost/json/src.hpp>
