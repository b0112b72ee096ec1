module example.org/fake/other
