// SPDX-License-Identifier: Apache-2.0
#include "store/bar_store_contract.hpp"

namespace hsl::store {

INSTANTIATE_TEST_SUITE_P(InMemory, BarStoreContract,
                         testing::Values(StoreCase{.name = "in_memory", .make = [] {
                                                       std::shared_ptr<BarStore> store =
                                                           in_memory_store();
                                                       return [store = std::move(store)] {
                                                           return store;
                                                       };
                                                   }}));

}  // namespace hsl::store
