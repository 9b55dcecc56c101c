// As library.h, with GoogleTest, for test programs.
#pragma once

#include "library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
