title = Courses
exit = Exit
bye = Thank you. Goodbye.
language = Language - Langue - Lugha
yes = Yes
no = No

menu-quiz = Take a quiz
menu-result = My last quiz
menu-course = Another course
menu-leave = No more lessons
menu-language = Language
menu-learners = Who has joined
menu-done-water = Quizzes: water
menu-done-money = Quizzes: money

course = A lesson a week by text, free. Which course?
water = Clean water
money = Household money
consent = The learning office keeps your name, number and quiz answers to teach you. Do you agree?
given-name = Your first name?
village = Your village?
joined = You are in. The first lesson comes tomorrow by text. STOP ends all texts.
which-quiz = Which quiz?

w1 = When is water safe to drink?
w1-clear = When it is clear
w1-boiled = After it has boiled
w1-cold = When it is cold
w2 = What do you wash hands with?
w2-soap = Soap and water
w2-water = Water alone
w2-cloth = A dry cloth
w3 = Where does safe water stay safe?
w3-open = In an open bucket
w3-floor = In a pot on the floor
w3-closed = In a closed can

m1 = What do you write down?
m1-all = Every coin in and out
m1-large = Large sums only
m1-none = Nothing
m2 = When do you save?
m2-rest = From what is left over
m2-first = First, then I spend
m2-never = Only in a good year
m3 = Before you borrow?
m3-take = Take the first loan
m3-ask = Ask the whole cost
m3-hide = Tell nobody

score-0 = 0 of 3 are right. Read the lessons again and try once more.
score-1 = 1 of 3 is right. Read the lessons again and try once more.
score-2 = 2 of 3 are right. Well done: you have passed.
score-3 = All 3 are right. Well done: you have passed.

no-result = You have not taken a quiz yet.
result-w1 = 1. You: { $case_w1 }
    Right: after it has boiled
result-w2 = 2. You: { $case_w2 }
    Right: soap and water
result-w3 = 3. You: { $case_w3 }
    Right: in a closed can
result-m1 = 1. You: { $case_m1 }
    Right: every coin in and out
result-m2 = 2. You: { $case_m2 }
    Right: first, then you spend
result-m3 = 3. You: { $case_m3 }
    Right: ask the whole cost

leave = Get no more lessons?
has-left = You get no more lessons. To join again, dial the code.
nobody = Nobody yet.
newest = The newest:
each-line = { $events }

lesson-water-1 = Lesson 1: clear water can make you ill. Boil it until it bubbles strongly for one minute, and let it cool in the same pot.
lesson-water-2 = Lesson 2: wash hands with soap and water after the toilet and before you cook, eat or feed a child.
lesson-water-3 = Lesson 3: keep safe water in a closed can with a tap or a narrow neck. Do not dip hands or cups into it.
lesson-money-1 = Lesson 1: for one week write down each coin that comes in and each that goes out. Then you see where it goes.
lesson-money-2 = Lesson 2: put a little aside on the day you are paid, before you buy. What is left over is often nothing.
lesson-money-3 = Lesson 3: before you borrow, ask what you pay back in all, and when. Compare two lenders.
quiz-notice = Your quiz of three questions is open. Dial the code.

joined-line = { $day } { $who } { $course }
quiz-line = { $day } { $who }
event-joined = Joined a course
event-left = Left
event-quiz-water = Quiz: water
event-quiz-money = Quiz: money

form-1 = Answer 1
form-2 = Answer 2
form-3 = Answer 3
