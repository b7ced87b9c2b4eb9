#include "frame/usage.hpp"

#include <algorithm>
#include <cstdint>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::app {
namespace {

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!verb->get_group().empty()) verbs.push_back(verb->get_name());
  return verbs;
}

bool has_verb(const CLI::App& app, const std::string& name) {
  const auto verbs = app.get_subcommands([](const CLI::App*) { return true; });
  return std::ranges::find(verbs, name, &CLI::App::get_name) != verbs.end();
}

bool is_yaml(const std::string& argument) {
  return argument.ends_with(".yaml") || argument.ends_with(".yml");
}

// "'--thread', did you mean '--threads'?"
std::string unknown_option(const CLI::App& verb, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  std::vector<std::string> known;
  for (const CLI::Option* option : verb.get_options())
    for (const std::string& other : option->get_lnames()) known.push_back("--" + other);
  const std::string guess = core::nearest(name, known);
  return "unknown option '" + name + "'" + (guess.empty() ? "" : ", did you mean '" + guess + "'?");
}

std::string unexpected_argument(const CLI::App& verb, const std::string& argument) {
  const std::string call = "stationhit " + verb.get_name();
  if (is_yaml(argument) && verb.get_option_no_throw("--config") != nullptr)
    return "unexpected argument '" + argument + "'; a configuration is given with -c: " + call +
           " -c " + argument;
  const bool is_option = argument.size() > 1 && argument.starts_with('-');
  return (is_option ? unknown_option(verb, argument) : "unexpected argument '" + argument + "'") +
         "; see " + call + " --help";
}

// A transform gets the text of the argument and returns what is wrong with it.
template <class T>
std::string check_number(const std::string& text, const char* noun) {
  const auto number = core::parse_number<T>(text);
  return number ? "" : std::string("expected ") + noun + ", found '" + text + "'";
}

std::string check_float(const std::string& text) { return check_number<double>(text, "a number"); }
std::string check_unsigned(const std::string& text) {
  return check_number<std::uint64_t>(text, "an integer >= 0");
}
std::string check_integer(const std::string& text) {
  return check_number<std::int64_t>(text, "an integer");
}

// The parser reads a leading 0 as the sign of an octal number.
std::string without_leading_zeros(const std::string& text) {
  const std::size_t first = text.find_first_not_of("+0");
  return first == std::string::npos ? "0" : text.substr(first);
}

void read_as_decimal(CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto transform = [&](std::string (*check)(const std::string&), bool integer) {
    option.transform(CLI::Validator(
        [check, integer](std::string& text) {
          std::string wrong = check(text);
          if (wrong.empty() && integer) text = without_leading_zeros(text);
          return wrong;
        },
        ""));
  };
  if (type.starts_with("UINT")) transform(check_unsigned, true);
  if (type.starts_with("INT")) transform(check_integer, false);
  if (type.starts_with("FLOAT")) transform(check_float, false);
}

}  // namespace

void check_verb(const CLI::App& app, const std::vector<std::string>& arguments) {
  if (arguments.empty()) return;
  const std::string& first = arguments.front();
  if (first == "-h" || first == "--help" || first == "--version" || has_verb(app, first)) return;
  const std::vector<std::string> verbs = verbs_of(app);
  if (first.starts_with("-"))
    throw core::UsageError("'" + first + "' stands before the verb; the verb comes first: " +
                           "stationhit VERB " + first + " ...; verbs: " + core::join(verbs));
  const std::string guess = core::nearest(first, verbs);
  throw core::UsageError("unknown verb '" + first + "'" +
                         (guess.empty() ? "" : ", did you mean '" + guess + "'?") +
                         "; verbs: " + core::join(verbs));
}

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const auto verbs = app.get_subcommands();
  if (verbs.empty()) return std::string(error.what()) + "; see stationhit --help";
  const CLI::App& verb = *verbs.front();
  const std::vector<std::string> rest = verb.remaining();
  // A missing -c is said first by the parser, also where the file was given without it.
  const bool about_rest = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
                          dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (about_rest && !rest.empty())
    return verb.get_name() + ": " + unexpected_argument(verb, rest.front());
  return verb.get_name() + ": " + error.what() + "; see stationhit " + verb.get_name() + " --help";
}

void refuse_empty_names(CLI::App& app) {
  const CLI::Validator not_empty(
      [](const std::string& text) {
        return text.empty() ? std::string("the name is empty") : std::string();
      },
      "");
  for (CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    for (CLI::Option* option : verb->get_options()) {
      const std::string type = option->get_type_name();
      if (type.starts_with("TEXT") || type == "FILE") option->check(not_empty);
    }
}

void read_numbers_as_decimal(CLI::App& app) {
  for (CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    for (CLI::Option* option : verb->get_options()) read_as_decimal(*option);
}

}  // namespace stationhit::app
