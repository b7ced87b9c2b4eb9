// The ranks meet at a key-value store (TCPStore) of rank 0 or of torchrun: each says there who it
// is and waits for the others. Then Gloo connects every pair of them. Where a connection breaks,
// the ranks that live say so in the store, which tells them from the one that is lost.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>
#include <utility>

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <torch/types.h>
#include <unistd.h>

#include <stationhit/core/text.hpp>
#include <stationhit/training/connect_ranks.hpp>

#include "own_address.hpp"

namespace stationhit::training {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Store = c10::intrusive_ptr<c10d::Store>;
using Clock = std::chrono::steady_clock;

// The others need about so long to notice that a connection is broken.
constexpr seconds time_to_notice{2};

// A program on a busy machine may need so long to begin.
constexpr seconds time_to_begin{60};

// What a rank says of itself.
struct Introduction {
  std::uint32_t size = 0;  // how many ranks it knows of
  std::string address;     // the one that it talks from
  std::string host, process;

  [[nodiscard]] std::string place() const { return host + ", process " + process; }
};

std::string to_text(const Introduction& introduction) {
  return std::to_string(introduction.size) + " " + introduction.address + " " + introduction.host +
         " " + introduction.process;
}

Introduction to_introduction(const std::string& text) {
  Introduction introduction;
  std::istringstream(text) >> introduction.size >> introduction.address >> introduction.host >>
      introduction.process;
  return introduction;
}

std::string name_rank(std::uint32_t rank) { return "rank " + std::to_string(rank); }

std::string key_of(const char* what, std::uint32_t rank) {
  return std::string(what) + "/" + std::to_string(rank);
}

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string seconds_text(seconds time) { return std::to_string(time.count()) + " s"; }

[[noreturn]] void fail_to_open(const RankPlan& plan, bool serves, seconds timeout,
                               const std::string& what) {
  const std::string place = plan.address + ":" + std::to_string(plan.port);
  if (serves)
    throw core::ConfigError("rank 0 cannot listen at MASTER_ADDR:MASTER_PORT " + place +
                            " (in use, or not an address of this machine); give all ranks another "
                            "MASTER_PORT, or the address of this machine (" +
                            first_line(what) + ")");
  throw RankLost("nobody answered at MASTER_ADDR:MASTER_PORT " + place + " for " +
                 seconds_text(timeout) + "; start rank 0 there, or give the address of its host");
}

c10::intrusive_ptr<c10d::TCPStore> open_store(const RankPlan& plan, seconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = plan.port;
  options.isServer = plan.rank == 0 && !plan.has_server;
  options.numWorkers = plan.size;
  options.waitWorkers = false;
  // Where nobody listens, a client tries again until 3.3 times its limit has passed.
  options.timeout = options.isServer ? milliseconds(timeout) : milliseconds(timeout) * 10 / 33;
  try {
    return c10::make_intrusive<c10d::TCPStore>(plan.address, options);
  } catch (const std::exception& error) {
    fail_to_open(plan, options.isServer, timeout, error.what());
  }
}

// Whether the key is there within `time`.
bool has_key(c10d::Store& store, const std::string& key, milliseconds time) {
  const auto end = Clock::now() + time;
  for (;;) {
    if (store.check({key})) return true;
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(milliseconds(20));
  }
}

// The ranks that do not say that they live, after the others had time to.
std::vector<std::uint32_t> find_silent(c10d::Store& store, std::uint32_t own, std::uint32_t size) {
  std::vector<std::uint32_t> silent;
  if (own != 0) silent = {0};
  try {
    store.set(key_of("lives", own), bytes_of("1"));
    const auto end = Clock::now() + time_to_notice;
    for (;;) {
      std::vector<std::uint32_t> missing;
      for (std::uint32_t rank = 0; rank < size; ++rank)
        if (rank != own && !store.check({key_of("lives", rank)})) missing.push_back(rank);
      silent = std::move(missing);
      if (silent.empty() || Clock::now() >= end) return silent;
      std::this_thread::sleep_for(milliseconds(50));
    }
  } catch (const std::exception&) {
    // The server is gone: rank 0 ends too, or it is the one.
  }
  return silent;
}

class GlooCommunicator final : public Communicator {
 public:
  GlooCommunicator(const RankPlan& plan, seconds timeout, Store store,
                   std::vector<Introduction> ranks,
                   c10::intrusive_ptr<c10d::ProcessGroupGloo> group)
      : rank_(plan.rank),
        timeout_(timeout),
        store_(std::move(store)),
        ranks_(std::move(ranks)),
        group_(std::move(group)) {}

  [[nodiscard]] std::uint32_t rank() const override { return rank_; }
  [[nodiscard]] std::uint32_t size() const override {
    return static_cast<std::uint32_t>(ranks_.size());
  }

  void sum(std::span<double> values) override {
    std::vector<torch::Tensor> tensors{torch::from_blob(
        values.data(), {static_cast<std::int64_t>(values.size())}, torch::kDouble)};
    wait([&] { return group_->allreduce(tensors); });
  }

  [[nodiscard]] std::vector<std::string> exchange(const std::string& bytes) override {
    const auto length = torch::full({1}, static_cast<std::int64_t>(bytes.size()), torch::kLong);
    std::int64_t longest = 0;
    std::vector<std::int64_t> lengths;
    for (const torch::Tensor& other : gather(length)) {
      lengths.push_back(other.item<std::int64_t>());
      longest = std::max(longest, lengths.back());
    }
    // Gloo gathers tensors of one size.
    const torch::Tensor padded = torch::zeros({std::max<std::int64_t>(longest, 1)}, torch::kByte);
    std::ranges::copy(bytes, padded.mutable_data_ptr<std::uint8_t>());
    std::vector<std::string> all;
    for (const torch::Tensor& other : gather(padded)) {
      const auto* begin = reinterpret_cast<const char*>(other.const_data_ptr<std::uint8_t>());
      all.emplace_back(begin, static_cast<std::size_t>(lengths[all.size()]));
    }
    return all;
  }

 private:
  std::vector<torch::Tensor> gather(const torch::Tensor& own) {
    std::vector<std::vector<torch::Tensor>> all(1);
    for (std::uint32_t i = 0; i < size(); ++i) all[0].push_back(torch::empty_like(own));
    std::vector<torch::Tensor> tensors{own};
    wait([&] { return group_->allgather(all, tensors); });
    return std::move(all[0]);
  }

  template <class Start>
  void wait(Start start) {
    try {
      start()->wait();
    } catch (const std::exception& error) {
      report_lost(error.what());
    }
  }

  [[noreturn]] void report_lost(const std::string& what) {
    std::vector<std::string> lost;
    for (const std::uint32_t rank : find_silent(*store_, rank_, size()))
      lost.push_back(name_rank(rank) + " (" + ranks_[rank].place() + ")");
    if (lost.empty())
      throw RankLost("the connection between the ranks broke: " + first_line(what) +
                     "; the same command continues after the last complete epoch");
    throw RankLost(core::join(lost) +
                   " ended, or has not answered for rank_timeout = " + seconds_text(timeout_) +
                   "; the same command continues after the last complete epoch");
  }

  std::uint32_t rank_;
  seconds timeout_;
  Store store_;
  std::vector<Introduction> ranks_;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
};

[[noreturn]] void fail_to_meet(const std::vector<std::string>& missing, const RankPlan& plan,
                               seconds timeout) {
  throw RankLost(core::join(missing) + " of " + std::to_string(plan.size) +
                 " did not come within " + seconds_text(timeout) +
                 "; start all ranks with the same MASTER_ADDR, MASTER_PORT and number of ranks, "
                 "see their messages, or raise rank_timeout");
}

std::vector<Introduction> meet(c10d::Store& store, const RankPlan& plan, const Introduction& own,
                               seconds timeout, const MeetingHooks& hooks) {
  store.set(key_of("rank", plan.rank), bytes_of(to_text(own)));
  std::vector<Introduction> all;
  const auto end = Clock::now() + timeout;
  for (std::uint32_t rank = 0; rank < plan.size; ++rank) {
    while (!has_key(store, key_of("rank", rank), seconds(1))) {
      if (hooks.waiting) hooks.waiting();
      if (Clock::now() < end) continue;
      std::vector<std::string> missing;
      for (std::uint32_t other = rank; other < plan.size; ++other)
        if (!store.check({key_of("rank", other)})) missing.push_back(name_rank(other));
      fail_to_meet(missing, plan, timeout);
    }
    const auto bytes = store.get(key_of("rank", rank));
    all.push_back(to_introduction({bytes.begin(), bytes.end()}));
  }
  return all;
}

// What one rank can see of the others before they are connected.
void check_introductions(const std::vector<Introduction>& ranks) {
  for (std::uint32_t rank = 1; rank < ranks.size(); ++rank) {
    const Introduction &first = ranks.front(), &other = ranks[rank];
    if (other.size != first.size)
      throw core::ConfigError(name_rank(rank) + " (" + other.place() + ") was started as one of " +
                              std::to_string(other.size) + " ranks, rank 0 as one of " +
                              std::to_string(first.size) +
                              "; give all ranks the same number of ranks");
    if (other.host == first.host) continue;
    for (const Introduction& end : {first, other})
      if (is_loopback(end.address))
        throw core::ConfigError("host " + end.host + " talks from " + end.address +
                                ", which other hosts cannot reach; set GLOO_SOCKET_IFNAME to its "
                                "network interface (ip -brief address lists them)");
  }
}

c10::intrusive_ptr<c10d::ProcessGroupGloo> connect_all(const Store& store, const RankPlan& plan,
                                                       const std::string& own_address,
                                                       seconds timeout) {
  const auto options = c10d::ProcessGroupGloo::Options::create(timeout);
  try {
    options->devices.push_back(
        plan.interface.empty() ? c10d::ProcessGroupGloo::createDeviceForHostname(own_address)
                               : c10d::ProcessGroupGloo::createDeviceForInterface(plan.interface));
    return c10::make_intrusive<c10d::ProcessGroupGloo>(store, static_cast<int>(plan.rank),
                                                       static_cast<int>(plan.size), options);
  } catch (const std::exception& error) {
    throw RankLost("the ranks met but cannot be connected (" + first_line(error.what()) +
                   "); see the messages of the others, or set GLOO_SOCKET_IFNAME to the network "
                   "interface between the hosts");
  }
}

}  // namespace

Ranks connect_ranks(const RankPlan& plan, seconds timeout, const MeetingHooks& hooks) {
  // Torch logs every failure itself, with its own stack.
  setenv("TORCH_CPP_LOG_LEVEL", "ERROR", /*replace=*/0);
  // Gloo writes to connections that another rank may have closed. It expects an error then, and not
  // a signal that ends this rank without a word; Python, for which it is made, ignores it as well.
  std::signal(SIGPIPE, SIG_IGN);
  const auto server = open_store(plan, timeout);
  if (hooks.listening) hooks.listening(server->getPort());
  const Store store = c10::make_intrusive<c10d::PrefixStore>("stationhit/" + plan.attempt, server);
  const Introduction own{plan.size, own_address_towards(plan.address, server->getPort()),
                         host_name(), std::to_string(getpid())};
  try {
    // Ranks that this program has started do come, or it hears that they have ended.
    const seconds patience = plan.starts_others ? std::max(timeout, time_to_begin) : timeout;
    auto ranks = meet(*store, plan, own, patience, hooks);
    if (plan.interface.empty()) check_introductions(ranks);
    auto group = connect_all(store, plan, own.address, timeout);
    return Ranks(std::make_shared<GlooCommunicator>(plan, timeout, store, std::move(ranks),
                                                    std::move(group)));
  } catch (const c10::Error& error) {
    throw RankLost("rank 0 went away while the ranks met (" +
                   first_line(error.what_without_backtrace()) + "); see its messages");
  }
}

}  // namespace stationhit::training
