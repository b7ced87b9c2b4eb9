// Objects that one call at a time uses and the next one uses again.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace stationhit::core {

// A call that finds no free object makes one, so there are as many as calls have run at the same
// time. Calls may run on several threads.
template <class T>
class ObjectPool {
 public:
  // Gives the object back at the end of its life, also after an exception.
  class Loan {
   public:
    Loan(ObjectPool& pool, std::unique_ptr<T> object) : pool_(pool), object_(std::move(object)) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { pool_.give_back(std::move(object_)); }

    T& operator*() const { return *object_; }
    T* operator->() const { return object_.get(); }

   private:
    ObjectPool& pool_;
    std::unique_ptr<T> object_;
  };

  // make() returns a new object.
  template <class Make>
  [[nodiscard]] Loan borrow(const Make& make) {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<T> object = std::move(free_.back());
        free_.pop_back();
        return {*this, std::move(object)};
      }
      // Giving back must not fail.
      free_.reserve(++made_);
    }
    return {*this, std::make_unique<T>(make())};
  }

  // The objects that no call uses at the moment.
  template <class Visit>
  void for_each_free(const Visit& visit) const {
    const std::lock_guard lock(mutex_);
    for (const auto& object : free_) visit(*object);
  }

 private:
  void give_back(std::unique_ptr<T> object) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(object));
  }

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
  std::size_t made_ = 0;
};

}  // namespace stationhit::core
